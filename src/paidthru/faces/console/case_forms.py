"""Forms of what staff decide about something unpaid: a pause, an arrangement, the case closed."""

from collections.abc import Sequence
from datetime import date

from django import forms

from paidthru.dunning.rules.arrangement import Part
from paidthru.faces.console.acting_forms import ActForm, AmountField, TextField
from paidthru.faces.console.forms import DayField

PARTS = 4  # rows of the form; who needs more agrees on the first four


class PauseForm(ActForm):
    """Until when nothing is done."""

    until = DayField(label="It goes on, on", help_text="Nothing is mailed or tried before that day.")
    why = TextField(label="Why", required=False, help_text="For the record; the member doesn’t see it.")
    field_order = ("until", "why")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today

    def clean_until(self) -> date:
        """A day ahead."""
        until: date = self.cleaned_data["until"]
        if until <= self._today:
            raise forms.ValidationError("That day is not ahead. Enter tomorrow or a later one.")
        return until


class ArrangementForm(ActForm):
    """The parts in which a member pays, or one later date."""

    why = TextField(label="What was agreed", required=False, help_text="For the record.")

    def __init__(self, *args: object, currency: str, owed: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for n in range(1, PARTS + 1):
            first = n == 1
            self.fields[f"amount_{n}"] = AmountField(
                label=f"Part {n}",
                required=first,
                currency=currency,
                help_text=f"In {currency}; the parts add up to {owed}." if first else "",
            )
            self.fields[f"due_{n}"] = DayField(label=f"Part {n} is due", required=first)
        self.order_fields(
            [f"{name}_{n}" for n in range(1, PARTS + 1) for name in ("amount", "due")] + ["why"]
        )

    def clean(self) -> dict[str, object]:
        """A part has both its amount and its date."""
        cleaned: dict[str, object] = super().clean() or {}
        for n in range(2, PARTS + 1):
            given = [bool(cleaned.get(f"{name}_{n}")) for name in ("amount", "due")]
            if any(given) and not all(given) and not self.errors.get(f"due_{n}"):
                self.add_error(f"due_{n}", "A part needs its amount and its date.")
        return cleaned

    @property
    def parts(self) -> Sequence[Part]:
        """The parts that were filled in."""
        found: list[Part] = []
        for n in range(1, PARTS + 1):
            due, amount = self.cleaned_data.get(f"due_{n}"), self.cleaned_data.get(f"amount_{n}")
            if isinstance(due, date) and isinstance(amount, int):
                found.append(Part(due, amount))
        return found
