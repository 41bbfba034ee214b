"""The form of a credit note: all of an invoice, a part of it, or so much of each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms

from paidthru.faces.console.acting_forms import AmountField, CreditForm


@dataclass(frozen=True, slots=True)
class LeftOfLine:
    """A line of an invoice, what is still open of it with its tax (minor units), and how a person reads that."""

    id: UUID
    description: str
    left_minor: int
    left: str


class CreditLinesForm(CreditForm):
    """As `CreditForm`, and by line: an amount for each line of which something is open, its tax with it."""

    def __init__(self, *args: object, lines: Sequence[LeftOfLine], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._lines = lines
        extent = self.fields["extent"]
        assert isinstance(extent, forms.ChoiceField)
        if len(lines) > 1 or any("tax" in one.left for one in lines):
            whole, part = list(extent.choices)[:2]  # type: ignore[arg-type]
            extent.choices = [whole, part, ("lines", "By line: the amounts below")]
            for one in lines:
                self.fields[f"line_{one.id}"] = AmountField(
                    label=one.description,
                    required=False,
                    currency=self.amount_field().currency,
                    most=one.left_minor,
                    help_text=one.left,
                )
        self.order_fields(["extent", "amount", *(f"line_{one.id}" for one in lines), "reason"])

    def clean(self) -> dict[str, object]:
        """Amounts of lines only where they were asked for, and at least one where they were."""
        cleaned = super().clean()
        named = [name for name in self.fields if name.startswith("line_") and cleaned.get(name)]
        if cleaned.get("extent") == "lines":
            if cleaned.get("amount"):
                self.add_error("amount", "You chose “By line”. Empty this amount, or choose “A part of it”.")
            if not named and not self.errors:
                self.add_error("extent", "Enter how much of at least one line is credited, below.")
        elif named and not self.errors:
            self.add_error("extent", "You entered amounts for lines. Choose “By line”, or empty them.")
        return cleaned

    @property
    def by_line(self) -> dict[UUID, int] | None:
        """How much of which lines is credited, in minor units, their tax included; None where not by line."""
        if self.cleaned_data["extent"] != "lines":
            return None
        amounts = {one.id: self.cleaned_data[f"line_{one.id}"] for one in self._lines}
        return {id_: amount for id_, amount in amounts.items() if amount}

    @property
    def amount_minor(self) -> int:
        """What is credited together, in minor units."""
        by_line = self.by_line
        return super().amount_minor if by_line is None else sum(by_line.values())
