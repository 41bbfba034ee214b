"""The catalogues of members' pages in src/paidthru/faces/portal/locale: gathers what the sources say, and compiles.

    python scripts/messages.py            # after changing words in the portal, or a translation
    python scripts/messages.py --check    # says what is missing, and changes nothing

What is new is added without a translation, what is gone is dropped, what is translated stays. It needs Babel and
Django, no GNU gettext (docs/languages.md). Headers have no dates and entries no line numbers, so that a catalogue
changes only where words do.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).parents[1] / "src" / "paidthru"
LOCALE = PACKAGE / "faces" / "portal" / "locale"
LANGUAGES = ("de", "es", "fr")  # English is what the sources say
_PORTAL, _CONSOLE = PACKAGE / "faces" / "portal", PACKAGE / "faces" / "console"
#: What the portal's pages borrow from the console.
_SHARED = (
    _CONSOLE / "templatetags" / "console.py",
    _CONSOLE / "templates" / "console" / "document.html",
    _CONSOLE / "templates" / "console" / "parts" / "facts.html",
    _CONSOLE / "templates" / "console" / "parts" / "field.html",
    _CONSOLE / "templates" / "console" / "parts" / "form_fields.html",
)
KEYWORDS = {
    "_": None, "_lazy": None, "gettext": None, "ngettext": (1, 2), "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip

Key = tuple[str, str, str]
"""A message by its context, its words, and those of its plural; "" where it has none."""


class Plain(Catalog):
    """A catalogue whose header says nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """The header's lines."""
        return [
            ("Language", str(self.locale)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def sources() -> list[Path]:
    """The files whose words members read."""
    return sorted({*_PORTAL.rglob("*.py"), *_PORTAL.rglob("*.html"), *_SHARED})


def said_in(path: Path) -> Iterator[Key]:
    """What a source says."""
    text = path.read_text(encoding="utf-8")
    code = text
    if (
        path.suffix == ".html"
    ):  # what Django makes of a template is meant for another reader, who minds no indents
        code = "\n".join(line.strip() for line in templatize(text).splitlines())
    for _, words, _, context in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
        one, many = words if isinstance(words, tuple) else (words, "")
        yield context or "", one, many


def gathered() -> set[Key]:
    """Everything that the sources say."""
    return {key for path in sources() for key in said_in(path)}


def key_of(message: Message) -> Key:
    """How a message of a catalogue is found."""
    one, many = message.id if isinstance(message.id, tuple) else (message.id, "")
    return message.context or "", one, many


def file_of(language: str) -> Path:
    """Where a language's catalogue lies; the compiled one is beside it."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def kept(language: str) -> dict[Key, Message]:
    """What a language's catalogue has."""
    path = file_of(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {key_of(message): message for message in read_po(file, language) if message.id}


def catalogue(language: str) -> Plain:
    """The sources' messages with a language's translations, as far as there are any."""
    translated, found = (
        kept(language),
        Plain(language, header_comment=f"# Members’ pages: {language}.", fuzzy=False),
    )
    for key in sorted(gathered(), key=lambda one: (one[1], one)):
        context, one, many = key
        there = translated.get(key)
        found.add(
            (one, many) if many else one,
            there.string if there else None,
            context=context or None,
            flags=["fuzzy"] if there is not None and there.fuzzy else [],
            user_comments=there.user_comments if there else (),
        )
    return found


def written(found: Catalog) -> bytes:
    """A catalogue as its file."""
    to = io.BytesIO()
    write_po(to, found, width=110, no_location=True, omit_header=False)
    return to.getvalue()


def compiled(language: str) -> bytes:
    """A catalogue as Django reads it."""
    to = io.BytesIO()
    write_mo(to, catalogue(language))
    return to.getvalue()


def untranslated(language: str) -> list[str]:
    """What a language says nothing for, or not for sure."""
    return [
        key_of(message)[1]
        for message in catalogue(language)
        if message.id and (message.fuzzy or not all(_strings(message)))
    ]


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def main() -> int:
    """Writes the catalogues, or (`--check`) only says what is missing."""
    checking, missing = "--check" in sys.argv[1:], 0
    for language in LANGUAGES:
        path, found = file_of(language), catalogue(language)
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(found))
            path.with_suffix(".mo").write_bytes(compiled(language))
        open_ = untranslated(language)
        missing += len(open_)
        sys.stdout.write(f"{language}: {len(found)} messages, {len(open_)} without a translation\n")
        for one in open_:
            sys.stdout.write(f"  {one}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
