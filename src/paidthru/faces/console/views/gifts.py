"""Gifts that come again and again: the list, and one with what staff do about it (A-20). Apart from dues throughout."""

from dataclasses import replace
from functools import partial
from typing import Literal
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.change_gift import change_gift
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import money_said, new_key
from paidthru.faces.console.acting_forms import WhyForm
from paidthru.faces.console.addresses import gift_url, member_url
from paidthru.faces.console.giving_pages import (
    DONATIONS,
    GIFTS,
    campaign_link,
    charged_to,
    donation_rows,
    gift_badge,
    gift_rows,
)
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Choice,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Tab,
    Table,
)
from paidthru.faces.console.sentences import moments
from paidthru.giving.models import Donation, Gift
from paidthru.giving.queries import donations_of, interval_of, received_for
from paidthru.giving.queries.gift_aid import in_the_united_kingdom
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.payments.queries import active_method
from paidthru.people.queries import whose
from paidthru.runs.gifts import pause_gift, stop_gift
from paidthru.timeline.models import Event

_SHOWN = 100  # donations on a gift's own page; the list of donations holds all
_STATES = (
    Choice("", "All that began"), Choice("active", "Going on"), Choice("paused", "Paused"),
    Choice("stopped", "Stopped"),
)  # fmt: skip
_ACTS: dict[str, tuple[str, str, str, str]] = {
    "pause": ("Pause", "Pause it", "Nothing is charged until it is taken up again.", "is paused"),
    "resume": (
        "Take up", "Take it up", "It is charged again on its next date; what went by isn’t made up for.", "goes on",
    ),
    "stop": (
        "Stop", "Stop it for good",
        "Nothing more is charged for it, and a card that was kept for it alone is forgotten. The donor is mailed.",
        "is stopped",
    ),
}  # fmt: skip


def giving_tabs(
    visit: Visit, current: Literal["donations", "gifts", "pledges", "receipts", "gift_aid"]
) -> tuple[Tab, ...]:
    """What was given, what is given again and again, what is promised, and the receipts of it."""
    return (
        Tab("Donations", visit.url("donations/"), None, current == "donations"),
        Tab("Gifts that come again", visit.url("gifts/"), None, current == "gifts"),
        Tab("Pledges", visit.url("pledges/"), None, current == "pledges"),
        Tab("Tax receipts", visit.url("tax-receipts/"), None, current == "receipts"),
        *(
            (Tab("Gift Aid", visit.url("gift-aid/"), None, current == "gift_aid"),)
            if in_the_united_kingdom(visit.organization.id)
            else ()
        ),
    )


@staff_page("view")
def gift_list(visit: Visit) -> HttpResponseBase:
    """The gifts that come again and again, the newest first."""
    text, state = text_in(visit.request, "q"), text_in(visit.request, "state")
    found = Gift.objects.filter(organization=visit.organization).exclude(state="begun")
    found = found.filter(whose(visit.organization.id, text)).select_related("party", "campaign", "method")
    if state in ("active", "paused", "stopped"):
        found = found.filter(state=state)
    return listed(
        visit,
        found.order_by("-created_at", "-id"),
        partial(gift_rows, visit),
        ListPage(
            title="Gifts that come again",
            columns=tuple(
                replace(one, sort_key="created_at") if one.key == "since" else one for one in GIFTS
            ),
            rows=(),
            empty=EmptyState(
                "No gift comes again yet",
                "Members begin one in the portal, anybody at a campaign’s page; each ends it by the link in its mails.",
            ),
            filters=(
                Filter("q", "Name, e-mail or number", "search", text),
                Filter("state", "State", "choice", state, _STATES),
            ),
            tabs=giving_tabs(visit, "gifts"),
            noun=("gift", "gifts"),
        ),
        current="donations",
        sorts=["created_at"],
        default="-created_at",
        file="gifts",
    )


@staff_page("view")
def one_gift(visit: Visit, gift_id: UUID) -> HttpResponseBase:
    """A gift: what was agreed, to what it is charged, and each donation of it."""
    gift = _found(visit, gift_id)
    given = list(donations_of(visit.organization.id).filter(gift=gift)[:_SHOWN])
    received = received_for(Donation.objects.filter(gift=gift).values_list("id", flat=True))
    here, acts = gift_url(visit, gift.id), list[Action]()
    if visit.may("charge") and gift.state in ("active", "paused"):
        first = "pause" if gift.state == "active" else "resume"
        acts = [Action(_ACTS[one][1], f"{here}{one}/") for one in (first, "stop")]
    happened = Event.objects.filter(organization=visit.organization, subject_id=gift.id).order_by("-id")
    amount = Money(gift.amount_minor, gift.currency)
    return visit.page(
        RecordPage(
            title=gift.party.name,
            kind="Gift that comes again",
            badges=(gift_badge(gift),),
            figures=(Figure("Gives", amount), Figure("Given", Money(sum(received.values()), gift.currency))),
            facts=(
                Fact("Donor", Link(gift.party.name, member_url(visit, gift.party_id))),
                Fact("Every", interval_of(gift).each),
                Fact(
                    "Campaign",
                    campaign_link(visit, gift.campaign.id, gift.campaign.name) if gift.campaign else None,
                ),
                Fact("Next on", gift.next_on),
                Fact("Charged to", charged_to(gift, active_method(gift.party_id))),
                Fact("Agreed to", gift.consent_text),
                Fact("Since", gift.anchor_on),
                Fact("In honour of", gift.in_honour_of or None),
            ),
            actions=tuple(acts),
            sections=(
                Section("donations", "Donations", Table(DONATIONS, donation_rows(visit, given), empty=_NONE)),
            ),
            timeline=moments(happened[:50], visit.organization.locale),
            crumbs=(Link("Gifts that come again", visit.url("gifts/")),),
        ),
        "donations",
    )


_NONE = EmptyState("Nothing was given yet", "Donations stand here as they are made.")


@staff_page("charge")
def change(visit: Visit, gift_id: UUID, act: str) -> HttpResponseBase:
    """Pauses a gift, takes it up or stops it, with a reason. Posted twice it is done once."""
    gift = _found(visit, gift_id)
    title, button, intro, became = _ACTS[act]
    amount = money_said(visit, gift.amount_minor, gift.currency)
    form = WhyForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        try:
            if act == "stop":
                stop_gift(visit.desk, gift.id, actor=visit.actor, why=why)
            elif act == "pause":
                pause_gift(visit.desk, gift.id, actor=visit.actor, why=why)
            else:
                now = visit.desk.clock.now()
                change_gift(visit.organization, gift.id, "active", actor=visit.actor, now=now, why=why)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{gift.party.name}’s gift of {amount} {became}.")
            return redirect(gift_url(visit, gift.id))
    page = FormPage(
        title=f"{title} {gift.party.name}’s gift of {amount}?",
        form=form,
        submit_label=button,
        cancel_url=gift_url(visit, gift.id),
        intro=intro,
    )
    return visit.page(page, "donations", 422 if form.errors else 200)


def _found(visit: Visit, gift_id: UUID) -> Gift:
    known = Gift.objects.select_related("party", "campaign", "method")
    return get_object_or_404(known, id=gift_id, organization=visit.organization)
