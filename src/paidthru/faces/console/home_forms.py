"""Forms of homes: a unit, an assessment, a levy, a transfer."""

from django import forms

from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.forms import DayField
from paidthru.kernel.periods import Interval, Unit

_INPUT = {"class": "input", "autocomplete": "off"}
_SELECT = {"class": "input"}
_WHO = "The exact name, the e-mail address, or the number, such as #12."
EVERY = (("month", "Every month"), ("quarter", "Every quarter"), ("year", "Every year"))
METHODS = (("share", "By share"), ("equally", "Equally"), ("area", "By area"))


def _weight(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, initial=0, help_text=help_text, widget=forms.NumberInput(attrs=_INPUT)
    )


class UnitForm(ActForm):
    """A unit to be added, with its owner."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="Such as 4B, or Elm Street 12.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    share = _weight(
        "Share", "What it bears of what is split by share; only its proportion to the others counts."
    )
    area = _weight("Area", "0 where nothing is split by area.")
    address = forms.CharField(
        label="Address", required=False, max_length=300, widget=forms.Textarea(attrs=_INPUT | {"rows": 2})
    )
    owner = forms.CharField(
        label="Owner", required=False, max_length=254, help_text=_WHO, widget=forms.TextInput(attrs=_INPUT)
    )
    since = DayField(label="Owner since", required=False, help_text="Empty: since today.")


class AssessForm(ActForm):
    """An amount that a unit owes again and again; or all units, each the same, or a budget split among them."""

    name = forms.CharField(
        label="Name", max_length=200, initial="Assessment", widget=forms.TextInput(attrs=_INPUT)
    )
    every = forms.ChoiceField(label="How often", choices=EVERY, widget=forms.Select(attrs=_SELECT))
    starts_on = DayField(
        label="From", help_text="The first is billed and due on this day, the next ones after it."
    )
    ends_on = DayField(label="Until", required=False, help_text="Empty: until it is ended.")
    fund = forms.CharField(label="Fund", required=False, max_length=60, widget=forms.TextInput(attrs=_INPUT))

    def __init__(self, *args: object, currency: str, split: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"] = AmountField(label=f"Amount, {currency}", currency=currency)
        order = ["name", "amount", "every", "starts_on", "ends_on", "fund"]
        if split:
            self.fields["split"] = forms.ChoiceField(
                label="For each unit",
                choices=(
                    ("each", "The amount itself"),
                    *((f"split_{key}", f"Its part, {said.lower()}") for key, said in METHODS),
                ),
                help_text="Its part: the amount is a budget that is split over all units, to the cent.",
                widget=forms.Select(attrs=_SELECT),
            )
            order.insert(2, "split")
        self.order_fields(order)

    def interval(self) -> Interval:
        """How often it comes."""
        return Interval(1, Unit(self.cleaned_data["every"]))


class LevyForm(ActForm):
    """An amount to be raised once, split over all units."""

    name = forms.CharField(
        label="What for",
        max_length=200,
        help_text="Such as Roof repair.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    method = forms.ChoiceField(label="Split", choices=METHODS, widget=forms.Select(attrs=_SELECT))
    due_on = DayField(label="Due on", help_text="Of instalments, the first.")
    instalments = forms.IntegerField(
        label="Instalments", min_value=1, max_value=120, initial=1, widget=forms.NumberInput(attrs=_INPUT)
    )
    every = forms.ChoiceField(label="One", choices=EVERY, widget=forms.Select(attrs=_SELECT))
    fund = forms.CharField(label="Fund", required=False, max_length=60, widget=forms.TextInput(attrs=_INPUT))

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"] = AmountField(label=f"Amount, {currency}", currency=currency)
        self.order_fields(["name", "amount", "method", "due_on", "instalments", "every", "fund"])


class TransferForm(ActForm):
    """Whose a unit is from a day on."""

    name = forms.CharField(
        label="New owner", max_length=254, help_text=_WHO, widget=forms.TextInput(attrs=_INPUT)
    )
    on = DayField(label="From", help_text="What comes due from this day on is billed to the new owner.")


class EndAssessmentForm(ActForm):
    """The last day on which a further period may begin."""

    on = DayField(label="Last on", help_text="No period that begins after this day is billed.")
