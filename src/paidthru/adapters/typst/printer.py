"""Draws documents with typst. Templates and fonts lie beside; data goes in as JSON (`sys.inputs`), never as source."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from paidthru.adapters.typst.coverage import Readable, covered_by
from paidthru.adapters.typst.einvoice import with_data
from paidthru.documents.rules.electronic import ElectronicInvoice
from paidthru.documents.rules.sheets import Picture, Sheet
from paidthru.kernel.errors import Refused

_HERE = Path(__file__).parent
_FONT_KINDS = (".ttf", ".otf", ".ttc")


class TypstPrinter:
    """Draws documents; `fonts` is a folder with the installation's own fonts, for scripts that ours don't have."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._folder = fonts if fonts is not None and fonts.is_dir() else None

    def pdf(self, sheet: Sheet, *, electronic: ElectronicInvoice | None = None) -> bytes:
        """As `documents.printer.Printer.pdf`."""
        made = self._drawn(sheet)
        if electronic is None:
            return made
        return with_data(made, electronic, language=sheet.frame.language, title=sheet.frame.title)

    def _drawn(self, sheet: Sheet) -> bytes:
        logo = sheet.frame.seller.logo
        if logo is None:
            return self._compiled(sheet, "", _HERE / "templates")
        with TemporaryDirectory() as folder:  # a picture can only be read as a file
            name = f"logo.{logo.kind}"
            Path(folder, name).write_bytes(logo.content)
            return self._compiled(sheet, name, Path(folder))

    def _compiled(self, sheet: Sheet, logo: str, root: Path) -> bytes:
        fonts, readable = _fonts(self._folder)
        written = _written(sheet, readable)
        written["frame"]["seller"]["logo"] = f"/{logo}" if logo else ""
        sources = dict(_templates())
        sources["main"] = sources.pop(f"{sheet.template}.typ")
        try:
            made = typst.compile(
                sources,
                root=root,
                format="pdf",
                font_paths=fonts,
                ignore_system_fonts=True,
                sys_inputs={"sheet": json.dumps(written, ensure_ascii=False)},
                pdf_standards=["a-3b"],
                timestamp=int(sheet.frame.made_at.timestamp()),
            )
        except typst.TypstError as error:
            raise Refused(
                "document_undrawable",
                f"“{sheet.frame.heading}” could not be drawn.",
                field="logo" if logo else None,
                value=str(error)[:200],
                fix="If a logo was changed, put another file in its place; a plain PNG or JPEG always works.",
            ) from error
        assert isinstance(made, bytes)  # all of it in one file
        return made


@cache
def _templates() -> tuple[tuple[str, bytes], ...]:
    folder = _HERE / "templates"
    return tuple((one.name, one.read_bytes()) for one in folder.iterdir() if one.name.endswith(".typ"))


@cache
def _fonts(folder: Path | None) -> tuple[Any, Readable]:
    """The fonts, and what can be read with them."""
    folders = [_HERE / "fonts", *([folder] if folder else [])]
    found = [one for each in folders for one in sorted(each.iterdir()) if one.suffix.lower() in _FONT_KINDS]
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(each) for each in folders]
    )
    return fonts, Readable(covered_by(one.read_bytes() for one in found))


def _written(value: Any, readable: Callable[[str], str]) -> Any:
    """A sheet as JSON can hold it, with every text made readable."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, Picture):
        return ""
    if is_dataclass(value):
        return {
            each.name: _written(getattr(value, each.name), readable)
            for each in fields(value)
            if each.name != "made_at"
        }
    if isinstance(value, tuple):
        return [_written(each, readable) for each in value]
    if isinstance(value, dict):
        return {key: _written(each, readable) for key, each in value.items()}
    return value
