"""A logo that somebody uploads is looked at, not believed: PNG, JPEG, or SVG that runs and fetches nothing. Pure."""

import re
from struct import unpack_from
from typing import NoReturn
from xml.parsers import expat

from paidthru.kernel.errors import Refused

MOST_BYTES = 1024 * 1024
_MOST_PIXELS = 16_000_000  # a small file can hold a picture that fills the memory
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_BARRED = frozenset({"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "a", "animate", "set",
                     "animatetransform", "animatemotion"})  # fmt: skip
_LEADS_AWAY = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|javascript:|expression\(", re.IGNORECASE)


def logo_kind(content: bytes, *, field: str = "logo") -> str:
    """Which kind of picture the bytes are: png, jpg or svg, whatever the file is called.

    Refused with the field: `logo_too_large`, `logo_invalid` (no picture, broken, too many pixels), `logo_unsafe` (an
    SVG with scripts, or one that fetches something).
    """
    refuse_large(len(content), field=field)
    if content.startswith(_PNG):
        _png(content, field)
        return "png"
    if content.startswith(_JPEG):
        _jpeg(content, field)
        return "jpg"
    head = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") and b"<svg" in content[:4000]:
        _svg(content, field)
        return "svg"
    raise _invalid("It is no picture that we know.", field)


def refuse_large(size: int, *, field: str = "logo") -> None:
    """Refuses `logo_too_large`; asked before anything is read where the size is known."""
    if size > MOST_BYTES:
        raise Refused(
            "logo_too_large",
            "The logo is larger than 1 MB.",
            field=field,
            value=f"{size / 1024 / 1024:.1f} MB",
            fix="Save it smaller: 1,200 pixels wide are plenty on paper.",
        )


def _png(content: bytes, field: str) -> None:
    if len(content) < 45 or content[12:16] != b"IHDR" or b"IEND" not in content[-16:]:
        _refuse("The PNG file is broken or cut off.", field)
    width, height = unpack_from(">LL", content, 16)
    _pixels(width, height, field)


def _jpeg(content: bytes, field: str) -> None:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = unpack_from(">HH", content, at + 5)
            _pixels(width, height, field)
            return
        at += 2 + unpack_from(">H", content, at + 2)[0]
    _refuse("The JPEG file is broken or cut off.", field)


def _pixels(width: int, height: int, field: str) -> None:
    if not width or not height or width * height > _MOST_PIXELS:
        _refuse(f"It has {width} × {height} pixels.", field)


def _svg(content: bytes, field: str) -> None:
    """Reads the drawing as XML: no entities, no scripts, nothing from elsewhere."""
    reader = _Drawing(field)
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003 - it is all there is
    except (expat.ExpatError, ValueError, LookupError) as error:  # or an encoding that nobody knows
        raise _invalid("The SVG file is broken.", field) from error
    if reader.first != "svg":
        _refuse("It is no SVG drawing.", field)


class _Drawing:
    """Follows a drawing part by part, and refuses `logo_unsafe` what runs or fetches something."""

    def __init__(self, field: str) -> None:
        self.field, self.first, self._names = field, "", list[str]()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.EntityDeclHandler = self._declared
        self.parser.ProcessingInstructionHandler = self._declared
        self.parser.StartElementHandler = self._opened
        self.parser.EndElementHandler = self._closed
        self.parser.CharacterDataHandler = self._text

    def _declared(self, *_: object) -> None:
        _refuse_unsafe("It declares entities, a document type or instructions of its own.", self.field)

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2].lower()
        self.first = self.first or local
        self._names.append(local)
        if local in _BARRED:
            _refuse_unsafe(f"It has a part “{local}”.", self.field)
        for key, value in attributes.items():
            attribute = key.rpartition(" ")[2].lower()
            if attribute.startswith("on"):
                _refuse_unsafe(f"It runs a script ({attribute}).", self.field)
            if _LEADS_AWAY.search(value) or (attribute in ("href", "src") and not _inside(value)):
                _refuse_unsafe("It fetches something from elsewhere.", self.field)

    def _closed(self, _: str) -> None:
        self._names.pop()

    def _text(self, said: str) -> None:
        if self._names and self._names[-1] == "style" and _LEADS_AWAY.search(said):
            _refuse_unsafe("Its styles fetch something from elsewhere.", self.field)


def _inside(value: str) -> bool:
    """A part of the same drawing, or a picture that is in the file itself."""
    return value.strip().startswith(("#", "data:image/png;base64,", "data:image/jpeg;base64,"))


def _refuse(what: str, field: str) -> NoReturn:
    raise _invalid(what, field)


def _invalid(what: str, field: str) -> Refused:
    return Refused(
        "logo_invalid", f"This can't be the logo. {what}", field=field, fix="Upload a PNG, JPEG or SVG file."
    )


def _refuse_unsafe(what: str, field: str) -> NoReturn:
    raise Refused(
        "logo_unsafe",
        f"This drawing can't be the logo. {what}",
        field=field,
        fix="Save it as plain SVG without scripts, links and document type, or as PNG.",
    )
