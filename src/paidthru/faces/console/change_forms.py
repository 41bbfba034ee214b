"""Forms of what staff change of a running membership: plan, renewal date, active, a cycle paid or resolved, dates."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django import forms

from paidthru.faces.console.acting_forms import ActForm, TextField
from paidthru.faces.console.forms import DayField
from paidthru.membership.operations.settling_cycles import REASONS

COLLECTED = "Only mark as paid if you have actually collected the funds."
_SELECT = {"class": "input"}
_YEARS = 20

WAYS = (
    ("paid_outside", "It was paid outside"),
    ("charge_now", "Charge it now"),
    ("waive", "Waive it: nothing is owed for it"),
    ("skip", "Skip it: nothing more is tried before the renewal date"),
)


def _near(day: date | None, today: date) -> date | None:
    """A date not absurdly far away."""
    if day is not None and abs(day.year - today.year) > _YEARS:
        raise forms.ValidationError(f"{day.isoformat()} is more than {_YEARS} years away. Check the year.")
    return day


class SwitchForm(ActForm):
    """The plan that a member changes to."""

    plan = forms.ChoiceField(
        widget=forms.Select(attrs=_SELECT),
    )
    field_order = ("plan",)

    def __init__(self, *args: object, plans: Sequence[tuple[UUID, str]], plan: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.label, choice.error_messages["required"] = f"New {plan}", f"Choose a {plan}."
        choice.choices = [("", f"Choose a {plan}"), *((str(id_), name) for id_, name in plans)]


class RenewalDateForm(ActForm):
    """The day on which the next term bills."""

    renewal_date = DayField(
        label="Renewal date",
        help_text="The next term begins on it, and so does every one after.",
    )
    why = TextField(label="Why", required=False, rows=2)
    field_order = ("renewal_date", "why")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today

    def clean_renewal_date(self) -> date | None:
        """A date not absurdly far away."""
        return _near(self.cleaned_data["renewal_date"], self._today)


class ActiveForm(RenewalDateForm):
    """The day until which nothing more is tried."""

    def clean_renewal_date(self) -> date | None:
        """A day that lies ahead: else the member would be charged at once (P-14)."""
        day = super().clean_renewal_date()
        if day is not None and day <= self._today:
            raise forms.ValidationError(
                "The renewal date has to lie ahead: else the member would be charged at once."
            )
        return day


class CyclePaidForm(ActForm):
    """That the current billing cycle was paid, and how."""

    paid = forms.BooleanField(
        label="Mark current billing cycle as paid",
        help_text=COLLECTED,
        error_messages={"required": "Check the box to mark the cycle as paid, or cancel."},
    )
    reason = forms.ChoiceField(
        label="Why it counts as paid",
        choices=list(REASONS.items()),
        error_messages={"required": "Choose how it came to be paid."},
        widget=forms.Select(attrs=_SELECT),
    )
    why = TextField(label="Note", required=False, rows=2)
    field_order = ("paid", "reason", "why")


class ResolveForm(ActForm):
    """How a failed cycle is resolved, and the renewal date that goes with it."""

    way = forms.ChoiceField(
        label="What to do",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to do."},
    )
    reason = forms.ChoiceField(
        label="How it was paid",
        required=False,
        choices=[("", "—"), *((key, REASONS[key]) for key in ("check", "cash", "terminal", "transfer"))],
        help_text="For money that came outside.",
        widget=forms.Select(attrs=_SELECT),
    )
    renewal_date = DayField(
        label="Move the renewal date to",
        required=False,
        help_text="In the same act. Without a date it stays as it is.",
    )
    why = TextField(label="Why", required=False, rows=2, help_text="Needed to waive.")
    field_order = ("way", "reason", "renewal_date", "why")

    def __init__(self, *args: object, today: date, chargeable: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today
        way = self.fields["way"]
        assert isinstance(way, forms.ChoiceField)
        way.choices = [one for one in WAYS if chargeable or one[0] != "charge_now"]

    def clean_renewal_date(self) -> date | None:
        """A day that lies ahead."""
        day = _near(self.cleaned_data["renewal_date"], self._today)
        if day is not None and day <= self._today:
            raise forms.ValidationError("The renewal date has to lie ahead.")
        return day

    def clean(self) -> dict[str, object]:
        """Money that came says how; what is waived says why."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("way") == "paid_outside" and not cleaned.get("reason"):
            self.add_error("reason", "Choose how it was paid.")
        if cleaned.get("way") == "waive" and not cleaned.get("why"):
            self.add_error("why", "Say why it is waived.")
        return cleaned


class DatesForm(ActForm):
    """A membership's dates, set by hand."""

    joined_on = DayField(label="Joined", required=False)
    anchor_on = DayField(
        label="Anchor", required=False, help_text="The day from which billing cycles are counted."
    )
    paid_through = DayField(
        label="Paid through",
        required=False,
        help_text="The last day that is paid for. The next cycle begins on the day after.",
    )
    why = TextField(label="Why", rows=2, missing="Say why in a sentence.")
    field_order = ("joined_on", "anchor_on", "paid_through", "why")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today

    def clean(self) -> dict[str, object]:
        """At least one date, none absurdly far away."""
        cleaned: dict[str, object] = super().clean() or {}
        given = [name for name in ("joined_on", "anchor_on", "paid_through") if cleaned.get(name)]
        for name in given:
            day = cleaned[name]
            if name != "joined_on" and isinstance(day, date) and abs(day.year - self._today.year) > _YEARS:
                self.add_error(name, f"{day.isoformat()} is more than {_YEARS} years away. Check the year.")
        if not given and not self.errors:
            raise forms.ValidationError("Enter the date that is to change.")
        return cleaned
