"""A letterhead: logos that are pictures, colours that can be read, lines that have room."""

import struct
import zlib

import pytest

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.branding import Branding, checked_branding
from paidthru.organizations.rules.logos import MOST_BYTES, logo_kind


def png(width: int = 2, height: int = 1) -> bytes:
    def part(tag: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + tag + content + struct.pack(">L", zlib.crc32(tag + content))

    rows = b"".join(b"\0" + b"\x14\x59\x4a" * width for _ in range(height))
    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
    )


JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03" + bytes(20)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 2"><rect width="8" height="2"/></svg>'


def svg(inside: str, head: str = "") -> bytes:
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{head}<svg {space}>{inside}</svg>".encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(), "png"),
        (JPEG, "jpg"),
        (SVG, "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n" + SVG, "svg"),
        (
            svg('<style>.a{fill:url(#b)}</style><use href="#c"/><image href="data:image/png;base64,AA"/>'),
            "svg",
        ),
    ],
)
def test_pictures_are_known_by_what_is_in_them(content: bytes, kind: str) -> None:
    assert logo_kind(content) == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "logo_invalid"),
        (b"GIF89a" + bytes(40), "logo_invalid"),
        (b"%PDF-1.7", "logo_invalid"),
        (b"<html><svg/></html>", "logo_invalid"),
        (png()[:40], "logo_invalid"),
        (png()[:-12], "logo_invalid"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">LL", 60_000, 60_000) + bytes(40) + b"IEND",
            "logo_invalid",
        ),
        (JPEG[:12], "logo_invalid"),
        (b"\xff\xd8\xff" + b"\xff" * 50, "logo_invalid"),
        (SVG[:-6], "logo_invalid"),
        (b'<?xml version="1.0" encoding="nonsense"?>' + SVG, "logo_invalid"),
        (bytes(MOST_BYTES + 1), "logo_too_large"),
        (svg("<script>alert(1)</script>"), "logo_unsafe"),
        (svg('<rect onload="alert(1)"/>'), "logo_unsafe"),
        (svg("<foreignObject/>"), "logo_unsafe"),
        (svg('<image xlink:href="https://elsewhere.example/a.png"/>'), "logo_unsafe"),
        (svg('<image href="file:///etc/hosts"/>'), "logo_unsafe"),
        (svg('<image href="data:image/svg+xml;base64,AA"/>'), "logo_unsafe"),
        (svg("<style>@import url(https://elsewhere.example)</style>"), "logo_unsafe"),
        (svg('<rect fill="url(https://elsewhere.example#a)"/>'), "logo_unsafe"),
        (svg('<a href="javascript:alert(1)"/>'), "logo_unsafe"),
        (svg("", '<!DOCTYPE svg [<!ENTITY a "b">]>'), "logo_unsafe"),
    ],
)
def test_what_is_no_picture_or_runs_is_refused_with_the_field(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        logo_kind(content)
    assert (refused.value.code, refused.value.field) == (code, "logo")
    assert refused.value.fix


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"accent": "red"}, "colour_invalid", "accent"),
        ({"accent": "#14594"}, "colour_invalid", "accent"),
        ({"accent": "#ffffff"}, "colour_unreadable", "accent"),
        ({"accent": "#777777"}, "colour_unreadable", "accent"),  # 4.48 to 1
        ({"band": "#14594a"}, "colour_unreadable", "band"),
        ({"band": "url(x)"}, "colour_invalid", "band"),
        ({"name": " "}, "name_missing", "name"),
        ({"name": "A\nB"}, "text_invalid", "name"),
        ({"address": "x" * 121}, "text_too_long", "address"),
        ({"address": "1\n" * 9}, "too_many_lines", "address"),
        ({"footer": "A\0B"}, "text_invalid", "footer"),
        ({"country": "Germany"}, "country_invalid", "country"),
        ({"electronic": True}, "country_needed", "country"),
    ],
)
def test_a_letterhead_is_refused_with_the_field_named(said: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_branding(Branding(**({"name": "Club"} | said)))  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.fix


def test_what_is_said_is_kept_in_one_spelling() -> None:
    said = checked_branding(
        Branding(" Club ", " 1 Road \r\n\r\n Town ", "de", accent="#767676", band="#FFFFFF")
    )
    assert (said.name, said.address, said.country, said.accent, said.band) == (
        "Club", "1 Road\nTown", "DE", "#767676", "#ffffff",
    )  # fmt: skip
