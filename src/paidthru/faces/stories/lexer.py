"""From the bytes of a story file to its lines, and the one error that a story can have.

Harmless differences end here: byte order marks, CRLF, tabs, runs of spaces, comments, typographic quotes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUOTED = r'"(?:[^"\\]|\\.)*"'

_PIECES = re.compile(rf'{QUOTED}|[^"#]+|["#]')
_TAB_WIDTH = 8


class StoryError(Exception):
    """A story cannot be read: names the file and the line, quotes the line, and says what to do.

    `line_number` counts from 1. `text` is the offending line as written, without surrounding blanks.
    """

    def __init__(self, file: str, line_number: int, message: str, text: str = "") -> None:
        super().__init__(file, line_number, message, text)
        self.file = file
        self.line_number = line_number
        self.message = message
        self.text = text

    def __str__(self) -> str:
        quoted = f"\n    {self.text}" if self.text else ""
        return f"{self.file}:{self.line_number}: {self.message}{quoted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One line that says something: neither blank nor only a comment.

    `text` is what was written, trimmed and without its comment; `plain` the same with single spaces and
    one space after each comma (outside quotes), which is what forms are matched with.
    """

    number: int
    indent: int
    text: str
    plain: str
    unclosed: bool


def decode(source: bytes, file: str) -> str:
    """The text of a story file; UTF-8 with or without a byte order mark, or UTF-16 with one."""
    encoding = "utf-16" if source[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as wrong:
        line = source[: wrong.start].count(b"\n") + 1
        raise StoryError(file, line, "this is not UTF-8 text; save the story as UTF-8") from None


def source_lines(text: str) -> Iterator[SourceLine]:
    """The lines of a story that say something, in order."""
    # Not str.splitlines(): it also splits at form feeds and at separators that may stand inside a name.
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1):
        written, unclosed = _without_comment(_with_straight_quotes(raw))
        trimmed = written.strip()
        if not trimmed:
            continue
        expanded = written.expandtabs(_TAB_WIDTH)
        yield SourceLine(
            number=number,
            indent=len(expanded) - len(expanded.lstrip()),
            text=trimmed,
            plain=_plain(trimmed),
            unclosed=unclosed,
        )


def unquote(written: str) -> str:
    """A name or text without its quotation marks; inside them `\\"` is a quote and `\\\\` a backslash."""
    if written[:1] != '"':
        return written
    return re.sub(r'\\(["\\])', r"\1", written[1:-1])


def _with_straight_quotes(raw: str) -> str:
    return raw if '"' in raw else re.sub("[“”„]", '"', raw)


def _without_comment(raw: str) -> tuple[str, bool]:
    kept: list[str] = []
    unclosed = False
    for piece in _PIECES.findall(raw):
        if piece == "#":
            break
        unclosed = unclosed or piece == '"'
        kept.append(piece)
    return "".join(kept), unclosed


def _plain(trimmed: str) -> str:
    def tidy(match: re.Match[str]) -> str:
        piece = match.group()
        if piece[0] == '"':
            return piece
        return ", " if "," in piece else " "

    return re.sub(rf"{QUOTED}|\s*,\s*|\s+", tidy, trimmed).strip()
