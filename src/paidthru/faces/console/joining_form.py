"""The console's form for a new membership, of somebody new or somebody known."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django import forms

from paidthru.faces.console.forms import DayField
from paidthru.kernel.errors import Refused

COLLECTED = "Only mark as paid if you have actually collected the funds."
_INPUT = {"class": "input", "autocomplete": "off"}
_PERSON = ("name", "email", "external_id")
_YEARS = 20  # a date further away is a slip of the keyboard


class JoiningForm(forms.Form):
    """Who joins, which plan, from when. `key` makes a double click add one person."""

    name = forms.CharField(
        label="Name",
        max_length=450,
        error_messages={"required": "A member needs a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        error_messages={"invalid": "That is no e-mail address. Write it as ann@example.org."},
        widget=forms.EmailInput(attrs=_INPUT),
    )
    external_id = forms.CharField(
        label="Roster id",
        required=False,
        max_length=100,
        help_text="Their id in your own roster. No two members share one.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    plan = forms.ChoiceField(
        widget=forms.Select(attrs={"class": "input"}),
    )
    starting_on = DayField(
        label="Billing cycle starts", help_text="The day from which the first cycle is counted."
    )
    again_as = forms.ChoiceField(
        label="Coming back",
        choices=(("", "Choose"), ("renewal", "Renew the membership"), ("new", "A new membership")),
        error_messages={"required": "Say whether the membership is renewed or a new one begins."},
        help_text="The last term is over. A renewal goes on with the membership, without proration.",
        widget=forms.Select(attrs={"class": "input"}),
    )
    paid = forms.BooleanField(label="Mark current billing cycle as paid", required=False, help_text=COLLECTED)
    prorated = forms.BooleanField(
        label="Prorate",
        required=False,
        help_text="Charge only the months that are left of the term, where the plan has no proration of its own.",
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: object,
        today: date,
        plans: Sequence[tuple[UUID, str]],
        plan: str,
        newcomer: bool,
        fixed_terms: bool,
        asks_return: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today, self.has_plans = today, bool(plans)
        if not newcomer:
            for name in _PERSON:
                del self.fields[name]
        if not asks_return:
            del self.fields["again_as"]
        if not fixed_terms:  # only a fixed term can have begun before its member (G-34)
            del self.fields["prorated"]
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.label = plan.capitalize()
        choice.error_messages["required"] = f"Choose a {plan}."
        choice.choices = [("", f"Choose a {plan}"), *((str(id_), name) for id_, name in plans)]

    def clean_starting_on(self) -> date:
        """A date not absurdly far away."""
        day: date = self.cleaned_data["starting_on"]
        if abs(day.year - self._today.year) > _YEARS:
            raise forms.ValidationError(
                f"{day.isoformat()} is more than {_YEARS} years away. Check the year."
            )
        return day

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        text = f"{refused.message} {refused.fix or ''}".strip()
        self.add_error(refused.field if refused.field in self.fields else None, text)

    @property
    def prorate(self) -> bool:
        """Whether it is asked for; never where terms are not fixed."""
        return bool(self.cleaned_data.get("prorated"))

    @property
    def renews(self) -> bool | None:
        """Whether a former member renews; None where nobody is asked."""
        chosen = self.cleaned_data.get("again_as")
        return chosen == "renewal" if chosen else None

    def again(self) -> tuple[tuple[str, str], ...]:
        """What was entered, to be posted once more by the confirm step."""
        clean = self.cleaned_data
        ticks = tuple((name, "on") for name in ("paid", "prorated") if clean.get(name))
        entered = tuple(
            (name, str(clean[name])) for name in (*_PERSON, "plan", "again_as", "key") if name in clean
        )
        return (*entered, ("starting_on", clean["starting_on"].isoformat()), *ticks)
