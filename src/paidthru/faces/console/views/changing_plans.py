"""A plan is changed: its price, from a day on; its name; whether anybody may take it up."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.change_plan import change_plan
from paidthru.actions.change_price import change_price
from paidthru.actions.drop_price_change import drop_price_change
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Link
from paidthru.faces.console.views.plans import plan_url
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Fee, Membership, Plan, PriceChange

_INPUT = {"class": "input", "autocomplete": "off"}


class PriceForm(ActForm):
    """A price, and the day from which terms have it."""

    amount = AmountField(label="Price")
    on = forms.DateField(
        label="For terms that start from",
        required=False,
        help_text="Empty: for whatever is billed from now on.",
        widget=forms.DateInput(attrs=_INPUT | {"type": "date"}),
    )


class PlanForm(ActForm):
    """What a plan is called, and whether it is offered."""

    name = forms.CharField(
        label="Name",
        max_length=100,
        error_messages={"required": "Give it a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    closed = forms.BooleanField(
        label="Nobody new may take it up",
        required=False,
        help_text="Whoever is on it stays on it, and renews.",
    )


@staff_page("set_policy")
def price(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """Sets a plan's price, at once or from a day on: what that does is read first."""
    found = _found(visit, plan_id)
    here, back = plan_url(visit, found.id, "price/"), plan_url(visit, found.id)
    form = PriceForm(visit.request.POST or None, initial=new_key())
    form.amount_field().currency = found.currency
    fee = Fee.objects.filter(plan=found, is_primary=True, closed=False).first()
    now = money_said(visit, fee.amount_minor, found.currency) if fee else "none"

    def entry(form: PriceForm) -> FormPage:
        return FormPage(
            title=f"Change the price of {found.name}" if fee else f"Give {found.name} a price",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"Its price is {now}.",
            aside=("Nothing is changed yet.", "What is billed already keeps its price."),
            crumbs=_crumbs(visit, found),
        )

    def confirm(form: PriceForm) -> ConfirmPage:
        amount, on = form.cleaned_data["amount"], form.cleaned_data["on"]
        members = Membership.objects.filter(plan=found).exclude(state="ended").count()
        later = on if on and on > visit.desk.today and fee else None
        when = (
            f"For terms that start on {day_text(later, visit.organization.locale)} or later, whenever they are billed."
            if later
            else "For whatever is billed from now on."
        )
        said = (
            f"The price changes from {now} to {money_said(visit, amount, found.currency)}.",
            when,
            f"{members:,} {visit.words.member if members == 1 else visit.words.members} are on it now."
            if members != 1
            else f"1 {visit.words.member} is on it now.",
            "What is billed already keeps its price. A run that was previewed before has to be previewed again.",
        )
        return ConfirmPage(
            title=f"Change the price of {found.name}?",
            confirm=Confirm(
                here,
                "Plan the change" if later else "Change the price",
                said,
                digest=digest_of(found.id, said),
                cancel_url=back,
                fields=form.again(),
            ),
            crumbs=_crumbs(visit, found),
        )

    def done(form: PriceForm) -> HttpResponseBase:
        clean = form.cleaned_data
        change_price(
            visit.organization, found.id, clean["amount"], from_on=clean["on"], actor=visit.actor,
            now=visit.desk.clock.now(), key=clean["key"],
        )  # fmt: skip
        messages.success(visit.request, f"The price of {found.name} is changed.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="plans")


@staff_page("set_policy")
def drop_price(visit: Visit, plan_id: UUID, change_id: UUID) -> HttpResponseBase:
    """Takes a planned change of price back, after the question."""
    found = _found(visit, plan_id)
    back = plan_url(visit, found.id)
    change = PriceChange.objects.filter(
        id=change_id, fee__plan=found, organization=visit.organization
    ).first()
    if change is None:
        messages.info(visit.request, "There is no such change any more.")
        return redirect(back)
    if visit.request.method == "POST":
        drop_price_change(visit.organization, change.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, "The change is taken back.")
        return redirect(back)
    amount = money_said(visit, change.amount_minor, found.currency)
    day = day_text(change.from_on, visit.organization.locale)
    page = ConfirmPage(
        title="Take the change of price back?",
        confirm=Confirm(
            plan_url(visit, found.id, f"price/{change.id}/drop/"),
            "Take it back",
            (f"Terms from {day} on would cost {amount}; they cost what the ones before do.",),
            cancel_url=back,
        ),
        crumbs=_crumbs(visit, found),
    )
    return visit.page(page, "plans")


@staff_page("set_policy")
def change(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """Changes a plan's name, closes it to new members or opens it again."""
    found = _found(visit, plan_id)
    back = plan_url(visit, found.id)
    form = PlanForm(
        visit.request.POST or None, initial=new_key() | {"name": found.name, "closed": found.closed}
    )
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            change_plan(
                visit.organization, found.id, name=clean["name"], closed=clean["closed"], actor=visit.actor,
                now=visit.desk.clock.now(), key=clean["key"],
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{clean['name']} is changed.")
            return redirect(back)
    page = FormPage(
        title=f"Change {found.name}",
        form=form,
        submit_label="Save",
        cancel_url=back,
        aside=("Invoices that are written keep the name that they have.",),
        crumbs=_crumbs(visit, found),
    )
    return visit.page(page, "plans", 422 if form.errors else 200)


def _found(visit: Visit, plan_id: UUID) -> Plan:
    return get_object_or_404(Plan, id=plan_id, organization=visit.organization)


def _crumbs(visit: Visit, found: Plan) -> tuple[Link, ...]:
    return (
        Link(visit.words.titled("plans"), visit.url("plans/")),
        Link(found.name, plan_url(visit, found.id)),
    )
