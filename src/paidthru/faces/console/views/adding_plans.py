"""A plan is added: its name, its price, and how often it is paid."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.add_plan import LONGEST_INTERVAL, LONGEST_TRIAL, PlanDraft, add_plan
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Link
from paidthru.invoicing.models import Tax
from paidthru.kernel.errors import Refused
from paidthru.membership.rules.roster_report import usually

_INPUT = {"class": "input", "autocomplete": "off"}
_KINDS = (
    ("subscription", "Renews until it is canceled"),
    ("prepaid", "Paid ahead, doesn’t renew"),
    ("pay_as_you_go", "Paid by the visit"),
    ("non_recurring", "Billed once"),
    ("free", "Free"),
)
_UNITS = (("year", "years"), ("month", "months"), ("week", "weeks"), ("day", "days"))


class PlanForm(ActForm):
    """What a plan is and costs."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "Give it a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    kind = forms.ChoiceField(label="How it goes on", choices=_KINDS, widget=forms.RadioSelect)
    amount = AmountField(label="Price", required=False)
    interval_count = forms.IntegerField(
        label="Paid every",
        min_value=1,
        max_value=LONGEST_INTERVAL,
        widget=forms.NumberInput(attrs=_INPUT),
    )
    interval_unit = forms.ChoiceField(label="Unit", choices=_UNITS, widget=forms.Select(attrs=_INPUT))
    tax = forms.ChoiceField(label="Tax", required=False, widget=forms.Select(attrs=_INPUT))
    trial_days = forms.IntegerField(
        label="Free days before the first term",
        min_value=0,
        max_value=LONGEST_TRIAL,
        widget=forms.NumberInput(attrs=_INPUT),
    )
    is_default = forms.BooleanField(
        label="Members fall back to it when another one ends for want of payment", required=False
    )

    def __init__(self, *args: object, currency: str, taxes: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        price, tax = self.amount_field(), self.fields["tax"]
        price.currency = currency
        price.help_text = f"In {currency}. Without one nobody can be billed for it yet."
        assert isinstance(tax, forms.ChoiceField)
        tax.choices = [("", "None"), *((name, name) for name in taxes)]
        if not taxes:
            del self.fields["tax"]

    def clean(self) -> dict[str, object]:
        """A free plan has no price."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("kind") == "free" and cleaned.get("amount") is not None:
            self.add_error("amount", "A free plan has no price. Leave it empty, or choose another kind.")
        return cleaned


@staff_page("set_policy")
def add(visit: Visit) -> HttpResponseBase:
    """The form; filled in, the plan's own page."""
    organization = visit.organization
    initial = new_key() | {
        "kind": "subscription", "interval_count": 1, "interval_unit": usually(organization.preset),
        "trial_days": 0,
    }  # fmt: skip
    taxes = list(
        Tax.objects.filter(organization=organization).order_by("name").values_list("name", flat=True)
    )
    form = PlanForm(visit.request.POST or None, initial=initial, currency=organization.currency, taxes=taxes)
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        draft = PlanDraft(
            name=clean["name"], amount_minor=clean["amount"], kind=clean["kind"],
            interval_count=clean["interval_count"], interval_unit=clean["interval_unit"],
            tax=clean.get("tax", ""), trial_days=clean["trial_days"], is_default=clean["is_default"],
        )  # fmt: skip
        try:
            made = add_plan(
                organization, draft, actor=visit.actor, now=visit.desk.clock.now(), key=clean["key"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{draft.name} is there.")
            return redirect(visit.url(f"plans/{made}/"))
    back = visit.url("plans/")
    page = FormPage(
        title=f"Add a {visit.words.plan}",
        form=form,
        submit_label="Add it",
        cancel_url=back,
        aside=(
            "A price can change later, from a day on; what is billed already keeps its own.",
            "Further items that are billed with it, and proration, stand on its page.",
        ),
        crumbs=(Link(visit.words.titled("plans"), back),),
    )
    return visit.page(page, "plans", 422 if form.errors else 200)
