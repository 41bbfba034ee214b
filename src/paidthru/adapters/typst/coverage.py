"""Which characters fonts have a picture of, read from the fonts themselves, and texts made so that all of them show.

PDF/A forbids a character without a picture, and a payer's name can hold any. What no font has becomes a replacement
mark, so that a document always comes out and shows that something is missing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from struct import unpack_from

REPLACEMENT = "\N{WHITE SQUARE}"
_LONGEST = 34  # characters in a row that may stand without a place to break
_RUN = re.compile(rf"[^\s\N{{ZERO WIDTH SPACE}}]{{{_LONGEST + 1},}}")


class Readable:
    """Makes texts readable with the fonts that there are."""

    def __init__(self, covered: frozenset[int]) -> None:
        self._covered = covered

    def __call__(self, text: str) -> str:
        """The text in composed form, on one line: no control characters or turns of direction, a mark for what has
        no picture, and places to break in what is too long for a column."""
        if text.isascii() and text.isprintable() and len(text) <= _LONGEST:
            return text
        shown = "".join(self._shown(sign) for sign in unicodedata.normalize("NFC", text))
        return _RUN.sub(_breakable, shown)

    def _shown(self, sign: str) -> str:
        if sign in "\n\t\r\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
            return " "
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") or sign in "\ufe0e\ufe0f":
            return "" if unicodedata.category(sign) != "Co" else REPLACEMENT
        return sign if ord(sign) in self._covered else REPLACEMENT


def _breakable(found: re.Match[str]) -> str:
    run = found[0]
    parts = [run[at : at + _LONGEST] for at in range(0, len(run), _LONGEST)]
    return "\N{ZERO WIDTH SPACE}".join(parts)


def covered_by(fonts: Iterable[bytes]) -> frozenset[int]:
    """The code points that at least one of the fonts (TrueType, OpenType, collections) has a picture of."""
    found: set[int] = set()
    for font in fonts:
        for start in _faces(font):
            found.update(_mapped(font, start))
    return frozenset(found)


def _faces(font: bytes) -> list[int]:
    """Where the font's faces begin: one, or those of a collection."""
    if font[:4] != b"ttcf":
        return [0]
    (count,) = unpack_from(">L", font, 8)
    return list(unpack_from(f">{count}L", font, 12))


def _mapped(font: bytes, start: int) -> Iterator[int]:
    """The code points in a face's character map (OpenType, table `cmap`, formats 4 and 12)."""
    (tables,) = unpack_from(">H", font, start + 4)
    for place in range(tables):
        tag, _, offset, _ = unpack_from(">4sLLL", font, start + 12 + 16 * place)
        if tag != b"cmap":
            continue
        (subtables,) = unpack_from(">H", font, offset + 2)
        for each in range(subtables):
            (below,) = unpack_from(">4xL", font, offset + 4 + 8 * each)
            (form,) = unpack_from(">H", font, offset + below)
            if form == 4:
                yield from _segments(font, offset + below)
            elif form == 12:
                yield from _groups(font, offset + below)


def _segments(font: bytes, at: int) -> Iterator[int]:
    count = unpack_from(">H", font, at + 6)[0] // 2
    ends = unpack_from(f">{count}H", font, at + 14)
    starts = unpack_from(f">{count}H", font, at + 16 + 2 * count)
    deltas = unpack_from(f">{count}H", font, at + 16 + 4 * count)
    ranges_at = at + 16 + 6 * count
    ranges = unpack_from(f">{count}H", font, ranges_at)
    for place, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(first, last + 1):
            if offset == 0:
                glyph = (code + delta) & 0xFFFF
            else:
                where = ranges_at + 2 * place + offset + 2 * (code - first)
                glyph = unpack_from(">H", font, where)[0] if where + 2 <= len(font) else 0
            if glyph and code != 0xFFFF:
                yield code


def _groups(font: bytes, at: int) -> Iterator[int]:
    (count,) = unpack_from(">L", font, at + 12)
    for place in range(count):
        first, last, glyph = unpack_from(">LLL", font, at + 16 + 12 * place)
        yield from range(first + (glyph == 0), last + 1)
