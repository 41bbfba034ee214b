"""Forms as a browser reads them off a page: where they are posted to, and what is in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form that is posted: its address ("" for the page's own), its fields with what they hold (of a choice the first
    that is one), and the kind of each: text, textarea, date, select, hidden …"""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._choice: str | None = None
        self._main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self._main = self._main or tag == "main"
        if tag == "form" and self._main and own.get("method", "").lower() == "post":
            self._form = Form(own.get("action", ""))
            self.found.append(self._form)
        if self._form is None:
            return
        name, fields = own.get("name", ""), self._form.fields
        if name:
            self._form.kinds[name] = own.get("type", tag)
        if tag == "select":
            self._choice = name
            fields.setdefault(name, "")
        elif tag == "option" and self._choice is not None:
            fields[self._choice] = fields[self._choice] or own.get("value", "")
        elif tag in ("input", "textarea") and name and own.get("type") != "checkbox":
            fields.setdefault(name, own.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._choice = None
        elif tag == "main":
            self._main = False


def forms_on(html: str) -> list[Form]:
    """The forms of a page's main part that are posted, without their tokens."""
    reader = _Reader()
    reader.feed(html)
    for form in reader.found:
        form.fields.pop("csrfmiddlewaretoken", None)
    return reader.found
