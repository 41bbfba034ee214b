"""Visits: what they cost, who came, somebody entered by staff, and the kiosk at the door (C-26 to C-29)."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.close_visit_price import close_visit_price
from paidthru.actions.set_included_visits import set_included_visits
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Link,
    ListPage,
    Row,
    Text,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Plan
from paidthru.people.queries import one_meant
from paidthru.runs.visits import visit as come
from paidthru.visits.models import Visit as Came
from paidthru.visits.models import VisitPrice
from paidthru.visits.queries import facts_of, prices_of, visits_of
from paidthru.visits.rules.windows import read_windows

_INPUT = {"class": "input", "autocomplete": "off"}
_VERDICTS = {
    "included": Badge("Included", "good"),
    "overage": Badge("Beyond the plan", "warn"),
    "non_member": Badge("Not a member", "warn"),
}
_COLUMNS = (
    Column("at", "When", "date", "at"),
    Column("who", "Who"),
    Column("place", "Visit price"),
    Column("verdict", "It is", "badge"),
    Column("amount", "Amount", "money"),
    Column("why", "Why"),
    Column("channel", "Entered"),
    Column("invoice", "Invoice"),
)


class PriceForm(ActForm):
    """A visit price to be added."""

    name = forms.CharField(
        label="Name", max_length=100, help_text="The place or the time, such as Pool, or Weekend.",
        widget=forms.TextInput(attrs=_INPUT),
    )  # fmt: skip
    windows = forms.CharField(
        label="When it holds",
        required=False,
        max_length=600,
        help_text="One a line, such as Mon-Fri 06:00-22:00. Empty: at all times.",
        widget=forms.Textarea(attrs=_INPUT | {"rows": 3}),
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["non_member"] = AmountField(label=f"For a non-member, {currency}", currency=currency)
        self.fields["overage"] = AmountField(
            label=f"For a member beyond the plan, {currency}", currency=currency, required=False,
            help_text="Empty: nothing.",
        )  # fmt: skip
        self.order_fields(["name", "non_member", "overage", "windows"])


class VisitForm(ActForm):
    """Who came; where several prices hold, to which."""

    name = forms.CharField(
        label="Who",
        max_length=254,
        help_text="The number, the exact name, or the e-mail address.",
        error_messages={"required": "Enter a number or a name."},
        widget=forms.TextInput(attrs=_INPUT | {"autofocus": True}),
    )
    place = forms.ChoiceField(label="Where", required=False, widget=forms.Select(attrs=_INPUT))

    def __init__(self, *args: object, places: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["place"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "What holds now"), *((name, name) for name in places)]
        if len(places) < 2:
            choice.widget = forms.HiddenInput()


@staff_page("view")
def visit_list(visit: Visit) -> HttpResponseBase:
    """Who came, the newest first."""
    enter = Action("Enter a visit", visit.url("visits/new/"), "primary", icon="plus")
    acts = (Action("Prices", visit.url("visits/prices/")), Action("Kiosk", visit.url("visits/kiosk/")), enter)
    return listed(
        visit,
        visits_of(visit.organization.id),
        lambda part: [_row(visit, one) for one in part],
        ListPage(
            title="Visits",
            columns=_COLUMNS,
            rows=(),
            empty=EmptyState(
                "Nobody came yet",
                "A visit is included by a plan, or costs what a visit price says.",
                Action("Add a visit price", visit.url("visits/prices/new/"), "primary")
                if visit.may("set_policy") and not prices_of(visit.organization.id)
                else enter
                if visit.may("record_payment")
                else None,
            ),
            actions=acts if visit.may("record_payment") else (acts[0],),
            noun=("visit", "visits"),
        ),
        current="visits",
        sorts=["at"],
        default="-at",
        file="visits",
    )


def _row(visit: Visit, one: Came) -> Row:
    invoice = one.invoice
    return Row(
        (
            one.at,
            Link(one.party.name, member_url(visit, one.party_id)),
            one.price.name,
            _VERDICTS[one.verdict],
            Money(one.amount_minor, one.price.currency),
            one.why,
            one.channel.capitalize(),
            Link(invoice.label, invoice_url(visit, invoice.id)) if invoice else None,
        )
    )


@staff_page("view")
def price_list(visit: Visit) -> HttpResponseBase:
    """What a visit costs, and when each price holds."""
    may = visit.may("set_policy")
    columns = (
        Column("name", "Name"), Column("non_member", "Non-member", "money"),
        Column("overage", "Beyond the plan", "money"), Column("when", "When"), Column("act", ""),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                one.name,
                Money(one.non_member_minor, one.currency),
                Money(one.overage_minor, one.currency),
                "; ".join(str(window) for window in facts_of(one).windows) or "At all times",
                Link("Close", visit.url(f"visits/prices/{one.id}/close/")) if may else None,
            )
        )
        for one in prices_of(visit.organization.id)
    )
    if text_in(visit.request, "export") == "csv":
        return rows_csv("visit-prices", columns, rows)
    add = Action("Add a visit price", visit.url("visits/prices/new/"), "primary", icon="plus")
    return visit.page(
        ListPage(
            title="Visit prices",
            columns=columns,
            rows=rows,
            empty=EmptyState(
                "No visit prices yet",
                "What a visit costs somebody whose plan doesn't include it.",
                add if may else None,
            ),
            actions=(add,) if may and rows else (),
            export_url="?export=csv",
            noun=("price", "prices"),
            crumbs=(Link("Visits", visit.url("visits/")),),
        ),
        "visits",
    )


@staff_page("set_policy")
def new_price(visit: Visit) -> HttpResponseBase:
    """Adds a visit price."""
    form = PriceForm(visit.request.POST or None, initial=new_key(), currency=visit.organization.currency)
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            price = add_visit_price(
                visit.organization,
                clean["name"],
                non_member_minor=clean["non_member"],
                overage_minor=clean["overage"] or 0,
                windows=read_windows(clean["windows"]),
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{price.name} is there.")
            return redirect(visit.url("visits/prices/"))
    page = FormPage(
        title="Add a visit price",
        form=form,
        submit_label="Add it",
        cancel_url=visit.url("visits/prices/"),
        intro="",
    )
    return visit.page(page, "visits", 422 if form.errors else 200)


@staff_page("set_policy")
def close_price(visit: Visit, price_id: UUID) -> HttpResponseBase:
    """A price holds no longer; what was billed by it stays."""
    price = get_object_or_404(VisitPrice, id=price_id, organization=visit.organization)
    form = ActForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST":
        close_visit_price(visit.organization, price.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"{price.name} holds no longer.")
        return redirect(visit.url("visits/prices/"))
    page = FormPage(
        title=f"Close {price.name}?", form=form, submit_label="Close it", cancel_url=visit.url("visits/prices/"),
        intro="Nobody is charged by it any more. What was billed by it stays.",
    )  # fmt: skip
    return visit.page(page, "visits")


class IncludedForm(ActForm):
    """How many visits a plan includes."""

    included_visits = forms.IntegerField(
        label="Visits of a cycle that cost nothing",
        required=False,
        help_text="Empty: every visit. 0: each is paid.",
        widget=forms.NumberInput(attrs={"class": "input"}),
    )


@staff_page("set_policy")
def included(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """How many visits a plan includes, from the next visit on (C-28)."""
    plan = get_object_or_404(Plan, id=plan_id, organization=visit.organization)
    back = visit.url(f"plans/{plan.id}/")
    form = IncludedForm(
        visit.request.POST or None, initial=new_key() | {"included_visits": plan.included_visits}
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            set_included_visits(
                visit.organization, plan.id, form.cleaned_data["included_visits"], actor=visit.actor,
                now=visit.desk.clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "It holds from the next visit on.")
            return redirect(back)
    intro = "The count begins anew with each cycle of a membership; what is beyond it has the overage price."
    page = FormPage(
        title=f"Visits that {plan.name} includes",
        form=form,
        submit_label="Save",
        cancel_url=back,
        intro=intro,
    )
    return visit.page(page, "plans", 422 if form.errors else 200)


@staff_page("record_payment")
def enter(visit: Visit) -> HttpResponseBase:
    """Staff enter somebody who came."""
    form = VisitForm(visit.request.POST or None, initial=new_key(), places=_places(visit))
    if visit.request.method == "POST" and form.is_valid():
        try:
            came = _come(visit, form, "staff", key=f"visit {key_of(visit)}")
        except Refused as refused:
            form.refuse(refused)
        else:
            if came.channel == "staff":
                messages.success(visit.request, f"{came.party.name}: {_said(visit, came)}")
            else:
                messages.info(
                    visit.request, f"{came.party.name} came in at the kiosk just now; that is one visit."
                )
            return redirect(visit.url("visits/"))
    page = FormPage(
        title="Enter a visit", form=form, submit_label="Enter it", cancel_url=visit.url("visits/"), intro=""
    )
    return visit.page(page, "visits", 422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class KioskPage:
    """kiosk.html: one field, and what came of the last tap. `tone` is good, warn or bad."""

    template: ClassVar[str] = "console/kiosk.html"

    title: str
    form: VisitForm
    leave_url: str
    headline: str = ""
    said: Text | None = None
    tone: str = ""


@staff_page("record_payment")
def kiosk(visit: Visit) -> HttpResponseBase:
    """The page at the door: a scanner or a finger enters a number, and sees at once what the visit is."""
    form = VisitForm(visit.request.POST or None, initial=new_key(), places=_places(visit))
    here, leave = visit.url("visits/kiosk/"), visit.url("visits/")
    headline, tone, said = "", "", None
    if visit.request.method == "POST":
        try:
            if not form.is_valid():
                raise Refused("name_missing", "Nothing was entered.", fix="Enter your number or your name.")
            came = _come(visit, form, "kiosk")
        except Refused as refused:
            headline, tone, said = refused.message, "bad", Text(refused.fix or "")
        else:
            return redirect(f"{here}?came={came.id}")
    elif last := text_in(visit.request, "came"):
        found = visits_of(visit.organization.id).filter(id=last).first() if _is_id(last) else None
        if found is not None:
            headline = f"Welcome, {found.party.name}"
            tone = "good" if not found.amount_minor else "warn"
            said = Text(_said(visit, found), found.why)
    if tone == "bad":
        form = VisitForm(initial=new_key(), places=_places(visit))
    page = KioskPage(visit.organization.name, form, leave, headline, said, tone)
    return visit.page(page, "visits", 422 if tone == "bad" else 200)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _places(visit: Visit) -> list[str]:
    return [one.name for one in prices_of(visit.organization.id)]


def _come(visit: Visit, form: VisitForm, channel: str, key: str | None = None) -> Came:
    clean = form.cleaned_data
    party = one_meant(visit.organization.id, clean["name"])
    return come(
        visit.desk,
        party.id,
        place=clean["place"],
        channel="kiosk" if channel == "kiosk" else "staff",
        actor=visit.actor,
        key=key,
    )


def _said(visit: Visit, came: Came) -> str:
    """What it costs, and how it is paid."""
    if not came.amount_minor:
        return "Included in the plan."
    amount = money_said(visit, came.amount_minor, came.price.currency)
    if came.invoice is None:
        return f"{amount}, billed when the cycle is over."
    return (
        f"{amount}, paid."
        if came.invoice.state == "paid"
        else f"{amount}, to be paid: invoice {came.invoice.label}."
    )
