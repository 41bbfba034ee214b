"""Giving: campaigns with how far they are, donations, and one entered by staff (A-19 to A-24, A-43, C-06)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.close_campaign import close_campaign
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.forms import DayField
from paidthru.faces.console.giving_pages import DONATIONS, donation_rows
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import id_in, text_in
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
)
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.gifts import giving_tabs
from paidthru.giving.models import Campaign, Donation
from paidthru.giving.operations import Giving
from paidthru.giving.queries import (
    Raised,
    campaigns_of,
    cards_declined,
    donations_of,
    facts_of,
    raised_by,
)
from paidthru.giving.rules.campaigns import percent_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.people.queries import one_meant, whose
from paidthru.runs.giving import RECORDED, give
from paidthru.timeline.models import Event

_INPUT = {"class": "input", "autocomplete": "off"}
_SHOWN = 100  # donations on a campaign's own page; the list of donations holds all
_CAMPAIGNS = (
    Column("name", "Campaign"),
    Column("raised", "Raised", "money"),
    Column("goal", "Goal", "money"),
    Column("percent", "Reached", "number"),
    Column("donations", "Donations", "number"),
    Column("from", "From", "date"),
    Column("until", "Through", "date"),
    Column("state", "State", "badge"),
)


class CampaignForm(ActForm):
    """A campaign to be added."""

    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs=_INPUT))
    starts_on = DayField(label="From", required=False, help_text="Empty: it takes donations from now on.")
    ends_on = DayField(label="Through", required=False, help_text="Empty: until it is closed.")
    story = forms.CharField(
        label="What it is for",
        required=False,
        max_length=5000,
        help_text="Donors read it on the campaign’s page.",
        widget=forms.Textarea(attrs=_INPUT | {"rows": 4}),
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["goal"] = AmountField(label=f"Goal, {currency}", currency=currency)
        self.fields["minimum"] = AmountField(
            label=f"Smallest donation, {currency}", currency=currency, required=False, help_text="Empty: 1."
        )
        self.order_fields(["name", "goal", "starts_on", "ends_on", "minimum", "story"])


class DonationForm(ActForm):
    """A donation that staff enter: charged to the card on file, or money that came."""

    member = forms.CharField(
        label="Who", max_length=254, help_text="The number, the exact name, or the e-mail address.",
        widget=forms.TextInput(attrs=_INPUT),
    )  # fmt: skip
    campaign = forms.ChoiceField(label="Campaign", required=False, widget=forms.Select(attrs=_INPUT))
    method = forms.ChoiceField(
        label="By",
        choices=[
            ("check", "Check"), ("cash", "Cash"), ("transfer", "Bank transfer"),
            ("terminal", "Card, at an external terminal"), ("on_file", "The payment method on file, charged now"),
        ],
        widget=forms.Select(attrs=_INPUT),
    )  # fmt: skip
    honour = forms.CharField(
        label="In honour of", required=False, max_length=200, widget=forms.TextInput(attrs=_INPUT)
    )
    anonymous = forms.BooleanField(label="The donor wants to stay unnamed", required=False)

    def __init__(self, *args: object, currency: str, campaigns: Sequence[Campaign], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["campaign"]
        assert isinstance(choice, forms.ChoiceField)
        several = {one.currency for one in campaigns} - {currency}
        choice.choices = [
            ("", "None"),
            *((str(one.id), f"{one.name}, in {one.currency}" if several else one.name) for one in campaigns),
        ]
        self.fields["amount"] = AmountField(label=f"Amount, {currency}", currency=currency)
        self.order_fields(["member", "amount", "campaign", "method", "honour", "anonymous"])


def campaign_url(visit: Visit, campaign_id: UUID) -> str:
    """A campaign's record."""
    return visit.url(f"campaigns/{campaign_id}/")


@staff_page("view")
def campaign_list(visit: Visit) -> HttpResponseBase:
    """The campaigns, newest first, with what each has raised."""
    add = Action("Add a campaign", visit.url("campaigns/new/"), "primary", icon="plus")
    return listed(
        visit,
        campaigns_of(visit.organization.id),
        partial(_campaign_rows, visit),
        ListPage(
            title="Campaigns",
            columns=_CAMPAIGNS,
            rows=(),
            empty=EmptyState(
                "No campaigns yet", "A campaign has a goal, and a page of its own that anybody can give at."
            ),
            noun=("campaign", "campaigns"),
        ),
        current="campaigns",
        sorts=["created_at"],
        default="-created_at",
        file="campaigns",
        add=add if visit.may("charge") else None,
    )


def _campaign_rows(visit: Visit, campaigns: Sequence[Campaign]) -> tuple[Row, ...]:
    raised = raised_by(one.id for one in campaigns)
    return tuple(
        Row(
            (
                one.name,
                Money((has := raised.get(one.id, Raised())).minor, one.currency),
                Money(one.goal_minor, one.currency),
                f"{percent_of(has.minor, one.goal_minor)}%",
                has.donations,
                one.starts_on,
                one.ends_on,
                _state(visit, one),
            ),
            campaign_url(visit, one.id),
        )
        for one in campaigns
    )


def _state(visit: Visit, one: Campaign) -> Badge:
    if facts_of(one).takes_on(visit.desk.today):
        return Badge("Open", "good")
    early = one.starts_on is not None and visit.desk.today < one.starts_on and one.closed_at is None
    return Badge("To come" if early else "Closed", "neutral")


@staff_page("view")
def one_campaign(visit: Visit, campaign_id: UUID) -> HttpResponseBase:
    """A campaign: how far it is, its link, and who gave."""
    one = get_object_or_404(Campaign, id=campaign_id, organization=visit.organization)
    raised = raised_by([one.id]).get(one.id, Raised())
    acts: tuple[Action, ...] = ()
    if visit.may("record_payment"):
        acts = (Action("Enter a donation", visit.url(f"donations/new/?campaign={one.id}"), "primary"),)
    if visit.may("charge") and one.closed_at is None:
        acts = (Action("Close", f"{campaign_url(visit, one.id)}close/"), *acts)
    given = list(donations_of(visit.organization.id).filter(campaign=one)[:_SHOWN])
    empty = EmptyState("Nobody gave yet", "Donations stand here as they are made.")
    happened = Event.objects.filter(organization=visit.organization, subject_id=one.id).order_by("-id")
    link = visit.request.build_absolute_uri(f"/give/{visit.organization.slug}/{one.slug}/")
    return visit.page(
        RecordPage(
            title=one.name,
            kind="Campaign",
            badges=(_state(visit, one),),
            figures=(
                Figure("Raised", Money(raised.minor, one.currency)),
                Figure("Reached", f"{percent_of(raised.minor, one.goal_minor)}%"),
            ),
            facts=(
                Fact("Goal", Money(one.goal_minor, one.currency)),
                Fact("From", one.starts_on),
                Fact("Through", one.ends_on),
                Fact("Smallest donation", Money(one.minimum_minor, one.currency)),
                Fact("Its page", Link(link, link)),
                *_declined(visit, one),
            ),
            actions=acts,
            sections=(
                Section("donations", "Donations", Table(DONATIONS, donation_rows(visit, given), empty=empty)),
            ),
            timeline=moments(happened[:50], visit.organization.locale),
            crumbs=(Link("Campaigns", visit.url("campaigns/")),),
            intro=one.story,
        ),
        "campaigns",
    )


def _declined(visit: Visit, one: Campaign) -> tuple[Fact, ...]:
    """Payments that failed on its page in a day, where there are any: many are somebody who tries out stolen cards."""
    declined = cards_declined(one.id, since=visit.desk.clock.now() - timedelta(days=1))
    return (Fact("Cards declined in a day", declined),) if declined else ()


@staff_page("charge")
def new_campaign(visit: Visit) -> HttpResponseBase:
    """Adds a campaign; of one name there is one."""
    form = CampaignForm(visit.request.POST or None, initial=new_key(), currency=visit.organization.currency)
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            one = add_campaign(
                visit.organization,
                clean["name"],
                goal_minor=clean["goal"],
                minimum_minor=clean["minimum"],
                starts_on=clean["starts_on"],
                ends_on=clean["ends_on"],
                story=clean["story"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{one.name} is there.")
            return redirect(campaign_url(visit, one.id))
    page = FormPage(
        title="Add a campaign", form=form, submit_label="Add it", cancel_url=visit.url("campaigns/"), intro=""
    )
    return visit.page(page, "campaigns", 422 if form.errors else 200)


@staff_page("charge")
def close(visit: Visit, campaign_id: UUID) -> HttpResponseBase:
    """A campaign takes nothing any more; what it raised stays."""
    one = get_object_or_404(Campaign, id=campaign_id, organization=visit.organization)
    if visit.request.method == "POST":
        close_campaign(visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"{one.name} is closed.")
        return redirect(campaign_url(visit, one.id))
    page = FormPage(
        title=f"Close {one.name}?",
        form=ActForm(initial=new_key()),
        submit_label="Close it",
        cancel_url=campaign_url(visit, one.id),
        intro="It takes no donations any more. What it raised stays; gifts that come again and again go on without it.",
    )
    return visit.page(page, "campaigns")


@staff_page("view")
def donation_list(visit: Visit) -> HttpResponseBase:
    """What was given, newest first."""
    text, campaign_id = text_in(visit.request, "q"), id_in(visit.request, "campaign")
    found = donations_of(visit.organization.id).filter(whose(visit.organization.id, text))
    if campaign_id is not None:
        found = found.filter(campaign_id=campaign_id)
    enter = Action("Enter a donation", visit.url("donations/new/"), "primary", icon="plus")
    return listed(
        visit,
        found,
        partial(donation_rows, visit),
        ListPage(
            title="Donations",
            columns=(replace(DONATIONS[0], sort_key="given_on"), *DONATIONS[1:]),
            rows=(),
            empty=EmptyState(
                "Nobody gave yet",
                "Donations come through the portal, a campaign’s page, or are entered here.",
            ),
            filters=(
                Filter("q", "Name, e-mail or number", "search", text),
                Filter("campaign", "Campaign", "choice", str(campaign_id or ""), _campaign_choices(visit)),
            ),
            tabs=giving_tabs(visit, "donations"),
            noun=("donation", "donations"),
        ),
        current="donations",
        sorts=["given_on"],
        default="-given_on",
        file="donations",
        add=enter if visit.may("record_payment") else None,
    )


def _campaign_choices(visit: Visit) -> tuple[Choice, ...]:
    known = campaigns_of(visit.organization.id)
    return (Choice("", "Any, or none"), *(Choice(str(one.id), one.name) for one in known))


@staff_page("record_payment")
def new_donation(visit: Visit) -> HttpResponseBase:
    """Staff enter a donation: money that came, or a charge to the method on file."""
    open_ = [one for one in campaigns_of(visit.organization.id) if facts_of(one).takes_on(visit.desk.today)]
    wanted = visit.request.POST.get("campaign") or text_in(visit.request, "campaign")
    meant = next((one for one in open_ if str(one.id) == wanted), None)
    form = DonationForm(
        visit.request.POST or None,
        initial=new_key() | {"campaign": wanted},
        currency=meant.currency if meant else visit.organization.currency,
        campaigns=open_,
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            donation = _entered(visit, form, open_)
        except Refused as refused:
            form.refuse(refused)
        else:
            amount = money_said(visit, donation.amount_minor, donation.currency)
            if donation.invoice.state == "void":
                messages.error(visit.request, f"The bank declined {amount}. Nothing was given.")
            else:
                messages.success(visit.request, f"{donation.party.name} gave {amount}.")
            return redirect(visit.url("donations/"))
    page = FormPage(
        title="Enter a donation",
        form=form,
        submit_label="Enter it",
        cancel_url=visit.url("donations/"),
        intro="",
    )
    return visit.page(page, "donations", 422 if form.errors else 200)


def _entered(visit: Visit, form: DonationForm, campaigns: Sequence[Campaign]) -> Donation:
    clean = form.cleaned_data
    campaign = next((one for one in campaigns if str(one.id) == clean["campaign"]), None)
    if clean["method"] not in RECORDED and not visit.may("charge"):
        raise Refused("role_lacking", "Your role doesn’t charge cards.", field="method", fix="Ask for it.")
    return give(
        visit.desk,
        Giving(
            one_meant(visit.organization.id, clean["member"]).id,
            clean["amount"],
            campaign.currency if campaign else visit.organization.currency,
            campaign,
            "staff",
            clean["method"],
            anonymous=clean["anonymous"],
            in_honour_of=clean["honour"],
        ),
        actor=visit.actor,
        key=key_of(visit),
    )
