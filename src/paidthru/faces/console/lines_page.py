"""The page on which an invoice is written: a form, its lines one by one, and what they come to."""

from dataclasses import dataclass
from typing import ClassVar

from paidthru.faces.console.invoice_forms import HeaderForm, LineForm
from paidthru.faces.console.pages import Problem
from paidthru.faces.console.parts import Fact, Link
from paidthru.kernel.money import Money


@dataclass(frozen=True, slots=True)
class EditedLine:
    """A line's form, and what it comes to once it can be read: without tax, its tax in words and money."""

    form: LineForm
    number: int
    amount: Money | None = None
    tax: str = ""
    tax_amount: Money | None = None


@dataclass(frozen=True, slots=True)
class LinesPage:
    """lines.html. Every button posts the whole form with its `do`: "reckon" (what Enter does), "add", "remove-N",
    "draft", "send". `totals` stand below the lines, the last one is the invoice's; `notes` are sentences below. What is
    wrong is said once it was `checked`."""

    template: ClassVar[str] = "console/lines.html"

    title: str
    form: HeaderForm
    lines: tuple[EditedLine, ...]
    totals: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    cancel_url: str = ""
    intro: str = ""
    draft_label: str = "Save as draft"
    send_label: str = "See what is sent"
    problem: Problem | None = None
    checked: bool = False
    crumbs: tuple[Link, ...] = ()

    @property
    def wrong(self) -> tuple[tuple[int, str, str, str], ...]:
        """What is wrong in the lines: number, field's id and label, what."""
        return tuple(
            (line.number, field.auto_id or "", str(field.label), str(error))
            for line in self.lines
            if self.checked and not line.form.is_empty
            for field in line.form
            for error in field.errors
        )
