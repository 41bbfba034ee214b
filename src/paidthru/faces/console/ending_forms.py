"""Form of a cancellation."""

from datetime import date

from django import forms

from paidthru.faces.console.acting_forms import ActForm, TextField
from paidthru.faces.console.forms import DayField

_YEARS = 20


class CancelForm(ActForm):
    """Why a membership ends, and from which day on if not by policy."""

    on = DayField(
        label="Over from",
        required=False,
        help_text="The first day without it. Left empty, the organization's policy says when.",
    )
    why = TextField(label="Why", required=False, rows=2)
    field_order = ("on", "why")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today

    def clean_on(self) -> date | None:
        """A day that isn't over, and not absurdly far away."""
        day: date | None = self.cleaned_data["on"]
        if day is not None and (day < self._today or day.year - self._today.year > _YEARS):
            raise forms.ValidationError(f"{day.isoformat()} can't be the day: choose today or a later one.")
        return day
