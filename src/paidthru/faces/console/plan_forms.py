"""The console's forms about plans: join links and proration."""

import re
from collections.abc import Sequence

from django import forms

from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.forms import DayField

_INPUT = {"class": "input", "autocomplete": "off"}
_EXPIRES = "The last day on which it works. Empty: until it is switched off."


class NewLinkForm(ActForm):
    """A join link to be made."""

    expires_on = DayField(label="Works through", required=False, help_text=_EXPIRES)


class LinkForm(ActForm):
    """How a join link is to stand."""

    enabled = forms.BooleanField(
        label="The link works",
        required=False,
        help_text="Switched off, it takes nobody, and those who had begun don’t get on either.",
    )
    expires_on = DayField(label="Works through", required=False, help_text=_EXPIRES)


class ProrateForm(ActForm):
    """How a plan is prorated: a kind, or a table's id."""

    prorate = forms.ChoiceField(
        label="For those who join during a fixed term",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )

    def __init__(self, *args: object, tables: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["prorate"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", "As the organization decides"),
            ("none", "The whole price"),
            ("months", "By the months that are left"),
            ("days", "By the days that are left"),
            *((id_, f"Table {name}") for id_, name in tables),
        ]


class TableForm(ActForm):
    """A prorate table to be defined (G-38)."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "The table needs a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    factors = forms.CharField(
        label="Factors",
        max_length=400,
        help_text="Twelve, one a month, the fiscal year’s first month first: 1.00 0.92 0.83 … or 11/12.",
        error_messages={"required": "Give twelve factors."},
        widget=forms.Textarea(attrs=_INPUT | {"rows": 2}),
    )

    @property
    def listed(self) -> list[str]:
        """The factors one by one."""
        return re.split(r"[\s,;]+", self.cleaned_data["factors"].strip())
