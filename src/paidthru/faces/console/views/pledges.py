"""Pledges: the list, one with its instalments, a new one, and one that is changed or canceled (A-26)."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.change_pledge import change_pledge
from paidthru.actions.pledge import Promise, pledge
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, key_of, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField, TextField, WhyForm
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.forms import DayField
from paidthru.faces.console.giving_pages import campaign_link
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Table,
)
from paidthru.faces.console.pledge_pages import (
    EVERY,
    PARTS,
    PLEDGES,
    donor_link,
    part_rows,
    percent,
    pledge_badge,
    pledge_rows,
    pledge_url,
    promised,
)
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.gifts import giving_tabs
from paidthru.giving.models import Campaign, Pledge, PledgePart
from paidthru.giving.queries import campaigns_of, facts_of, fulfilled, parts_of, pledges_of
from paidthru.giving.rules.campaigns import checked_donation
from paidthru.kernel.errors import Refused
from paidthru.kernel.instalments import Instalment, instalments_of, spacing_of
from paidthru.kernel.money import Money, plain
from paidthru.people.queries import one_meant, whose
from paidthru.timeline.models import Event

_INPUT = {"class": "input", "autocomplete": "off"}
_EVERY = [("month", "Every month"), ("quarter", "Every quarter"), ("year", "Every year")]


class ScheduleForm(ActForm):
    """Instalments: how many, how often, and from when."""

    instalments = forms.IntegerField(
        label="Instalments", min_value=1, max_value=120, widget=forms.NumberInput(attrs=_INPUT)
    )
    every = forms.ChoiceField(label="How often", choices=_EVERY, widget=forms.Select(attrs=_INPUT))
    first_on = DayField(label="The first is due on")


class PledgeForm(ScheduleForm):
    """A pledge that staff enter."""

    member = forms.CharField(
        label="Who", max_length=254, help_text="The number, the exact name, or the e-mail address.",
        widget=forms.TextInput(attrs=_INPUT),
    )  # fmt: skip
    campaign = forms.ChoiceField(label="Campaign", required=False, widget=forms.Select(attrs=_INPUT))

    def __init__(self, *args: object, currency: str, campaigns: Sequence[Campaign], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["campaign"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "None"), *((str(one.id), one.name) for one in campaigns)]
        self.fields["amount"] = AmountField(label=f"Promised in all, {currency}", currency=currency)
        self.order_fields(["member", "amount", "campaign", "instalments", "every", "first_on"])


class ChangeForm(ScheduleForm):
    """What isn't billed of a pledge, asked for anew."""

    why = TextField(label="Why", help_text="It stands in the timeline.")

    def __init__(self, *args: object, currency: str, left_minor: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["left"] = AmountField(
            label=f"Still asked for, {currency}", currency=currency, most=left_minor,
            help_text="Less than is left: the rest is written down.",
        )  # fmt: skip
        self.order_fields(["left", "instalments", "every", "first_on", "why"])


@staff_page("view")
def pledge_list(visit: Visit) -> HttpResponseBase:
    """What was promised, the newest first, and how much of it is fulfilled."""
    text = text_in(visit.request, "q")
    enter = Action("Enter a pledge", visit.url("pledges/new/"), "primary", icon="plus")
    return listed(
        visit,
        pledges_of(visit.organization.id).filter(whose(visit.organization.id, text)),
        partial(pledge_rows, visit),
        ListPage(
            title="Pledges",
            columns=PLEDGES,
            rows=(),
            empty=EmptyState("Nobody pledged yet", "A pledge is billed in instalments, each on its date."),
            filters=(Filter("q", "Name, e-mail or number", "search", text),),
            tabs=giving_tabs(visit, "pledges"),
            noun=("pledge", "pledges"),
        ),
        current="donations",
        sorts=["made_on"],
        default="-made_on",
        file="pledges",
        add=enter if visit.may("charge") else None,
    )


@staff_page("view")
def one_pledge(visit: Visit, pledge_id: UUID) -> HttpResponseBase:
    """A pledge: what is promised and paid, and each instalment with its invoice."""
    one = _found(visit, pledge_id)
    parts = parts_of([one.id]).get(one.id, [])
    paid_minor = fulfilled([one.id]).get(one.id, 0)
    here, acts = pledge_url(visit, one.id), list[Action]()
    if visit.may("charge") and any(part.invoice_id is None for part in parts):
        acts = [
            Action("Change what is left", f"{here}change/"),
            Action("Cancel what is left", f"{here}cancel/"),
        ]
    happened = Event.objects.filter(organization=visit.organization, subject_id=one.id).order_by("-id")
    given_up = Money(one.written_down_minor, one.currency) if one.written_down_minor else None
    coming = next((part for part in parts if part.invoice_id is None), None)
    return visit.page(
        RecordPage(
            title=one.party.name,
            kind="Pledge",
            badges=(pledge_badge(one, paid_minor, parts, visit.desk.today),),
            figures=(
                Figure("Promised", Money(promised(one), one.currency)),
                Figure("Paid", Money(paid_minor, one.currency)),
                Figure("Fulfilled", percent(paid_minor, promised(one))),
            ),
            facts=(
                Fact("Donor", donor_link(visit, one.party)),
                Fact(
                    "Campaign",
                    campaign_link(visit, one.campaign.id, one.campaign.name) if one.campaign else None,
                ),
                Fact("Made on", one.made_on),
                Fact("Written down", given_up),
                Fact("Next instalment", coming.due_on if coming else None),
            ),
            actions=tuple(acts),
            sections=(
                Section(
                    "instalments",
                    "Instalments",
                    Table(PARTS, part_rows(visit, one, parts), "Instalments", empty=_NONE),
                ),
            ),
            timeline=moments(happened[:50], visit.organization.locale),
            crumbs=(Link("Pledges", visit.url("pledges/")),),
        ),
        "donations",
    )


_NONE = EmptyState("Nothing is billed or left to bill.", "")


@staff_page("charge")
def new_pledge(visit: Visit) -> HttpResponseBase:
    """Staff enter a pledge: what it bills and when is shown first."""
    organization, today = visit.organization, visit.desk.today
    open_ = [one for one in campaigns_of(organization.id) if facts_of(one).takes_on(today)]
    form = PledgeForm(
        visit.request.POST or None,
        initial=new_key()
        | {"instalments": 12, "first_on": today, "campaign": text_in(visit.request, "campaign")},
        currency=organization.currency,
        campaigns=open_,
    )

    def campaign(form: PledgeForm) -> Campaign | None:
        return next((one for one in open_ if str(one.id) == form.cleaned_data["campaign"]), None)

    def confirm(form: PledgeForm) -> ConfirmPage:
        clean, to = form.cleaned_data, campaign(form)
        party = one_meant(organization.id, clean["member"])
        amount = money_said(visit, clean["amount"], organization.currency)
        checked_donation(facts_of(to) if to else None, clean["amount"], organization.currency, today)
        _checked_first(clean["first_on"], today)
        parts = instalments_of(
            clean["amount"], clean["instalments"], clean["first_on"], EVERY[clean["every"]]
        )
        return ConfirmPage(
            title=f"Enter a pledge of {amount}?",
            confirm=Confirm(
                action_url=visit.url("pledges/new/"),
                label=f"Enter {amount}",
                consequences=(
                    f"{party.name} promises {amount}{f' to {to.name}' if to else ''}.",
                    *_said(visit, parts, organization.currency),
                ),
                digest=digest_of(
                    party.id, clean["amount"], [(part.due_on, part.amount_minor) for part in parts]
                ),
                cancel_url=visit.url("pledges/"),
                fields=form.again(),
            ),
        )

    def done(form: PledgeForm) -> HttpResponseBase:
        clean = form.cleaned_data
        one = pledge(
            organization,
            one_meant(organization.id, clean["member"]).id,
            Promise(
                clean["amount"],
                organization.currency,
                clean["instalments"],
                EVERY[clean["every"]],
                clean["first_on"],
            ),
            campaign=campaign(form),
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=key_of(visit),
        )
        messages.success(visit.request, "The pledge is there.")
        return redirect(pledge_url(visit, one.id))

    return in_two_steps(
        visit,
        form,
        entry=lambda form: FormPage(
            title="Enter a pledge",
            form=form,
            submit_label="See what it bills",
            cancel_url=visit.url("pledges/"),
            intro="Equal instalments; the last takes the remainder. Each is billed and mailed on its date.",
        ),
        confirm=confirm,
        done=done,
        after=visit.url("pledges/"),
        current="donations",
    )


@staff_page("charge")
def change(visit: Visit, pledge_id: UUID) -> HttpResponseBase:
    """What isn't billed comes on other days, or less of it is asked for."""
    one = _found(visit, pledge_id)
    left, here = _left(one), pledge_url(visit, one.id)
    left_minor = sum(part.amount_minor for part in left)
    form = ChangeForm(
        visit.request.POST or None,
        initial=new_key() | _as_it_is(one, left, left_minor, visit.desk.today),
        currency=one.currency,
        left_minor=left_minor,
    )

    def confirm(form: ChangeForm) -> ConfirmPage:
        clean = form.cleaned_data
        _checked_first(clean["first_on"], visit.desk.today)
        parts = instalments_of(clean["left"], clean["instalments"], clean["first_on"], EVERY[clean["every"]])
        beyond = money_said(visit, left_minor - clean["left"], one.currency)
        return ConfirmPage(
            title=f"Change {one.party.name}’s pledge?",
            confirm=Confirm(
                action_url=f"{here}change/",
                label="Change it",
                consequences=(
                    *_said(visit, parts, one.currency),
                    f"{beyond} of it is written down: it is not asked for any more."
                    if clean["left"] < left_minor
                    else "Nothing of it is written down.",
                    "What was billed stays as it is.",
                ),
                digest=digest_of(
                    [(part.id, part.amount_minor) for part in left], clean["left"], visit.desk.today
                ),
                cancel_url=here,
                fields=form.again(),
            ),
            crumbs=_crumbs(visit, one),
        )

    def done(form: ChangeForm) -> HttpResponseBase:
        clean = form.cleaned_data
        change_pledge(
            visit.organization,
            one.id,
            left_minor=clean["left"],
            instalments=clean["instalments"],
            every=EVERY[clean["every"]],
            first_on=clean["first_on"],
            reason=clean["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=key_of(visit),
        )
        messages.success(visit.request, "The pledge is changed.")
        return redirect(here)

    return in_two_steps(
        visit,
        form,
        entry=lambda form: FormPage(
            title=f"Change {one.party.name}’s pledge",
            form=form,
            submit_label="See what it does",
            cancel_url=here,
            intro=f"{money_said(visit, left_minor, one.currency)} of it are not billed yet.",
            crumbs=_crumbs(visit, one),
        ),
        confirm=confirm,
        done=done,
        after=here,
        current="donations",
    )


@staff_page("charge")
def cancel(visit: Visit, pledge_id: UUID) -> HttpResponseBase:
    """Nothing more of a pledge is asked for; what was billed stays."""
    one = _found(visit, pledge_id)
    left, here = _left(one), pledge_url(visit, one.id)
    said = money_said(visit, sum(part.amount_minor for part in left), one.currency)

    def done(form: WhyForm) -> HttpResponseBase:
        today = visit.desk.today
        change_pledge(
            visit.organization,
            one.id,
            left_minor=0,
            every=EVERY["month"],
            first_on=today,
            reason=form.cleaned_data["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=key_of(visit),
        )
        messages.success(visit.request, "Nothing more of the pledge is asked for.")
        return redirect(here)

    return in_two_steps(
        visit,
        WhyForm(visit.request.POST or None, initial=new_key()),
        entry=lambda form: FormPage(
            title=f"Cancel what is left of {one.party.name}’s pledge",
            form=form,
            submit_label="See what it does",
            cancel_url=here,
            intro=f"{said} of it are not billed yet.",
            crumbs=_crumbs(visit, one),
        ),
        confirm=lambda form: ConfirmPage(
            title=f"Cancel what is left of {one.party.name}’s pledge?",
            confirm=Confirm(
                action_url=f"{here}cancel/",
                label=f"Give {said} up",
                consequences=(
                    f"{said} are written down: no further instalment is billed.",
                    "What was billed is still owed. Credit its invoice, or write it off, if it isn’t to be paid.",
                ),
                digest=digest_of([(part.id, part.amount_minor) for part in left]),
                cancel_url=here,
                fields=form.again(),
                danger=True,
            ),
            crumbs=_crumbs(visit, one),
        ),
        done=done,
        after=here,
        current="donations",
    )


def _said(visit: Visit, parts: Sequence[Instalment], currency: str) -> tuple[str, ...]:
    """What instalments bill, in sentences."""
    locale = visit.organization.locale
    first, last = parts[0], parts[-1]
    each = money_said(visit, first.amount_minor, currency)
    if len(parts) == 1:
        return (f"{each} is billed on {day_text(first.due_on, locale)}.",)
    said = f"{len(parts)} instalments of {each} are billed"
    if last.amount_minor != first.amount_minor:
        said += f", the last of {money_said(visit, last.amount_minor, currency)}"
    return (f"{said}: from {day_text(first.due_on, locale)} to {day_text(last.due_on, locale)}.",)


def _checked_first(first_on: date, today: date) -> None:
    if first_on < today:
        raise Refused(
            "due_before_bill",
            f"It is {today}; an instalment can't be due before.",
            field="first_on",
            value=first_on.isoformat(),
            fix=f"Choose {today} or a later day.",
        )


def _left(one: Pledge) -> list[PledgePart]:
    return [part for part in parts_of([one.id]).get(one.id, []) if part.invoice_id is None]


def _as_it_is(one: Pledge, left: Sequence[PledgePart], left_minor: int, today: date) -> dict[str, object]:
    """What the form of a change begins with: the instalments as they are."""
    if not left:
        return {}
    return {
        "left": plain(left_minor, one.currency),
        "instalments": len(left),
        "every": spacing_of([part.due_on for part in parts_of([one.id])[one.id]]).value,
        "first_on": max(left[0].due_on, today),
    }


def _crumbs(visit: Visit, one: Pledge) -> tuple[Link, ...]:
    return (Link("Pledges", visit.url("pledges/")), Link(one.party.name, pledge_url(visit, one.id)))


def _found(visit: Visit, pledge_id: UUID) -> Pledge:
    known = Pledge.objects.select_related("party", "campaign")
    return get_object_or_404(known, id=pledge_id, organization=visit.organization)
