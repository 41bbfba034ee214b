"""What the pages of giving share: donations and gifts as rows, how a gift stands, and what a member's record shows."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import gift_url, invoice_url, member_url
from paidthru.faces.console.badges import method_text
from paidthru.faces.console.member_sections import cut_rows, more_link
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Badge, Column, EmptyState, Link, Row, Table, Value
from paidthru.giving.models import Donation, Gift
from paidthru.giving.queries import donations_of, interval_of, received_for
from paidthru.kernel.money import Money
from paidthru.payments.models import PaymentMethod
from paidthru.people.models import Party

DONATIONS = (
    Column("on", "Given on", "date"),
    Column("who", "Who"),
    Column("campaign", "Campaign"),
    Column("amount", "Amount", "money"),
    Column("received", "Received", "money"),
    Column("method", "By"),
    Column("channel", "Through"),
    Column("honour", "In honour of"),
    Column("invoice", "Invoice"),
)
GIFTS = (
    Column("who", "Who"),
    Column("amount", "Amount", "money"),
    Column("every", "Every"),
    Column("campaign", "Campaign"),
    Column("since", "Since", "date"),
    Column("next", "Next on", "date"),
    Column("state", "State", "badge"),
)
_STATES = {
    "active": Badge("Goes on", "good"),
    "paused": Badge("Paused", "warn"),
    "stopped": Badge("Stopped", "neutral"),
    "begun": Badge("Not begun", "neutral"),
}


def campaign_link(visit: Visit, campaign_id: UUID, name: str) -> Link:
    """A campaign by its name, leading to its record."""
    return Link(name, visit.url(f"campaigns/{campaign_id}/"))


def gift_badge(gift: Gift) -> Badge:
    """How a gift stands."""
    return _STATES[gift.state]


def donation_rows(visit: Visit, donations: Sequence[Donation]) -> tuple[Row, ...]:
    """Donations with what stands as received of each."""
    received = received_for(one.id for one in donations)
    return tuple(
        Row(
            (
                one.given_on,
                Link(
                    f"{one.party.name} (unnamed)" if one.anonymous else one.party.name,
                    member_url(visit, one.party_id),
                ),
                campaign_link(visit, one.campaign.id, one.campaign.name) if one.campaign else None,
                Money(one.amount_minor, one.currency),
                Money(received.get(one.id, 0), one.currency),
                _by(one),
                "Gift that comes again"
                if one.gift_id and one.channel == "schedule"
                else one.channel.capitalize(),
                one.in_honour_of or None,
                Link(one.invoice.label or str(one.invoice.number), invoice_url(visit, one.invoice_id)),
            )
        )
        for one in donations
    )


def _by(one: Donation) -> str:
    """The kind of payment; a visitor's is a card or account given for it alone."""
    return {"visitor": "Card or account", "on_file": "On file"}.get(one.method, one.method.capitalize())


def gift_rows(visit: Visit, gifts: Iterable[Gift]) -> tuple[Row, ...]:
    """Gifts that come again and again, each leading to its record."""
    return tuple(Row((one.party.name, *_about(visit, one)), gift_url(visit, one.id)) for one in gifts)


def _about(visit: Visit, one: Gift) -> tuple[Value, ...]:
    return (
        Money(one.amount_minor, one.currency),
        interval_of(one).each,
        campaign_link(visit, one.campaign.id, one.campaign.name) if one.campaign else None,
        one.anchor_on,
        one.next_on,
        gift_badge(one),
    )


def charged_to(gift: Gift, on_file: PaymentMethod | None) -> Value:
    """What a gift is charged to: its own, or the donor's on file."""
    return method_text(gift.method or on_file) or "Nothing on file"


def giving_sections(visit: Visit, party: Party, limit: int, more: str) -> tuple[Section, ...]:
    """What somebody gave, and gives again and again: apart from dues (A-20); none where they give nothing."""
    donations = list(donations_of(visit.organization.id).filter(party=party)[: limit + 1])
    gifts = Gift.objects.filter(party=party).select_related("party", "campaign", "method").order_by("-id")
    found = list(gifts.exclude(state="begun")[: limit + 1])
    sections = []
    if donations:
        rows = [Row((one.cells[0], *one.cells[2:]), one.href) for one in donation_rows(visit, donations)]
        table = Table((DONATIONS[0], *DONATIONS[2:]), cut_rows(rows, limit), "Donations", empty=_NONE)
        link = more_link(rows, limit, "donations", f"{more}#donations")
        sections.append(Section("donations", "Donations", table, more=link))
    if found:
        rows = [Row(_about(visit, one), gift_url(visit, one.id)) for one in found]
        table = Table(GIFTS[1:], cut_rows(rows, limit), "Gifts that come again", empty=_NONE)
        sections.append(
            Section("gifts", "Gifts that come again", table, more=more_link(rows, limit, "gifts", more))
        )
    return tuple(sections)


_NONE = EmptyState("Nothing was given.", "")
