"""What the pages of pledges and tax receipts share: rows, how they stand, and what a member's record shows of them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.member_sections import cut_rows, more_link
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Badge, Column, EmptyState, Link, Row, Table
from paidthru.giving.models import Pledge, PledgePart, TaxReceipt
from paidthru.giving.queries import all_receipts_of, fulfilled, paid_of_parts, parts_of, pledges_of
from paidthru.giving.rules.campaigns import percent_of
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Interval, Unit
from paidthru.people.models import Party

PLEDGES = (
    Column("made", "Made on", "date", "made_on"),
    Column("who", "Who"),
    Column("campaign", "Campaign"),
    Column("promised", "Promised", "money"),
    Column("paid", "Paid", "money"),
    Column("percent", "Fulfilled", "number"),
    Column("next", "Next instalment", "date"),
    Column("state", "State", "badge"),
)
PARTS = (
    Column("n", "Instalment", "number"),
    Column("due", "Due on", "date"),
    Column("amount", "Amount", "money"),
    Column("paid", "Paid", "money"),
    Column("invoice", "Invoice"),
    Column("state", "State", "badge"),
)
RECEIPTS = (
    Column("number", "Number", "number", "number"),
    Column("who", "Donor"),
    Column("given", "Given on", "date"),
    Column("issued", "Issued on", "date"),
    Column("amount", "Amount", "money"),
    Column("eligible", "Eligible", "money"),
    Column("replaces", "Replaces", "number"),
    Column("state", "State", "badge"),
)
EVERY = {
    "month": Interval(1, Unit.MONTH),
    "quarter": Interval(1, Unit.QUARTER),
    "year": Interval(1, Unit.YEAR),
}


def pledge_url(visit: Visit, pledge_id: UUID) -> str:
    """A pledge's record."""
    return visit.url(f"pledges/{pledge_id}/")


def receipt_url(visit: Visit, receipt_id: UUID) -> str:
    """A tax receipt's record."""
    return visit.url(f"tax-receipts/{receipt_id}/")


def promised(pledge: Pledge) -> int:
    """What a pledge still promises, in minor units."""
    return pledge.amount_minor - pledge.written_down_minor


def percent(paid_minor: int, promised_minor: int) -> str:
    """How much of a pledge is fulfilled, by money (A-28)."""
    return f"{percent_of(paid_minor, promised_minor)}%" if promised_minor else "100%"


def pledge_badge(pledge: Pledge, paid_minor: int, parts: Sequence[PledgePart], today: date) -> Badge:
    """How a pledge stands."""
    if not promised(pledge):
        return Badge("Canceled", "neutral")
    if paid_minor >= promised(pledge):
        return Badge("Fulfilled", "good")
    if any(_late(one, today) for one in parts):
        return Badge("Behind", "warn")
    return Badge("Going on", "neutral")


def _late(part: PledgePart, today: date) -> bool:
    return part.invoice is not None and part.invoice.state == "sent" and part.invoice.due_on < today


def pledge_rows(visit: Visit, pledges: Sequence[Pledge]) -> tuple[Row, ...]:
    """Pledges with what of each is paid, by money, and its next instalment."""
    ids = [one.id for one in pledges]
    paid, parts = fulfilled(ids), parts_of(ids)
    rows = []
    for one in pledges:
        has, of = paid.get(one.id, 0), parts.get(one.id, [])
        rows.append(
            Row(
                (
                    one.made_on,
                    one.party.name,
                    one.campaign.name if one.campaign else None,
                    Money(promised(one), one.currency),
                    Money(has, one.currency),
                    percent(has, promised(one)),
                    next((part.due_on for part in of if part.invoice_id is None), None),
                    pledge_badge(one, has, of, visit.desk.today),
                ),
                pledge_url(visit, one.id),
            )
        )
    return tuple(rows)


def part_rows(visit: Visit, pledge: Pledge, parts: Sequence[PledgePart]) -> tuple[Row, ...]:
    """A pledge's instalments, each with its invoice and what of it is paid."""
    paid = paid_of_parts(pledge.id)
    return tuple(
        Row(
            (
                part.n,
                part.due_on,
                Money(part.amount_minor, pledge.currency),
                Money(paid.get(part.id, 0), pledge.currency),
                Link(part.invoice.label or str(part.invoice.number), invoice_url(visit, part.invoice.id))
                if part.invoice
                else None,
                _part_badge(part, paid.get(part.id, 0), visit.desk.today),
            )
        )
        for part in parts
    )


def _part_badge(part: PledgePart, paid_minor: int, today: date) -> Badge:
    if part.invoice is None:
        return Badge("To come", "neutral")
    if paid_minor >= part.amount_minor:
        return Badge("Paid", "good")
    if part.invoice.state == "sent":
        return Badge("Overdue", "warn") if _late(part, today) else Badge("Billed", "neutral")
    return Badge({"paid": "Settled", "void": "Void"}.get(part.invoice.state, "Closed"), "neutral")


def receipt_badge(receipt: TaxReceipt) -> Badge:
    """Whether a tax receipt is valid."""
    if receipt.state == "issued":
        return Badge("Valid", "good")
    return Badge("Void, held back" if receipt.held_back else "Void", "neutral")


def receipt_rows(visit: Visit, receipts: Sequence[TaxReceipt]) -> tuple[Row, ...]:
    """Tax receipts, each leading to its record."""
    return tuple(
        Row(
            (
                one.number,
                one.donor,
                one.given_on,
                one.issued_on,
                Money(one.amount_minor, one.currency),
                Money(one.amount_minor - one.advantage_minor, one.currency),
                one.replaces.number if one.replaces else None,
                receipt_badge(one),
            ),
            receipt_url(visit, one.id),
        )
        for one in receipts
    )


def pledge_sections(visit: Visit, party: Party, limit: int, more: str) -> tuple[Section, ...]:
    """What somebody promised, with its fulfilment (A-28), and their tax receipts; none where there are none."""
    pledges = list(pledges_of(visit.organization.id).filter(party=party)[: limit + 1])
    receipts = list(all_receipts_of(visit.organization.id).filter(party=party)[: limit + 1])
    sections = []
    if pledges:
        rows = [Row((one.cells[0], *one.cells[2:]), one.href) for one in pledge_rows(visit, pledges)]
        table = Table((PLEDGES[0], *PLEDGES[2:]), cut_rows(rows, limit), "Pledges", empty=_NONE)
        link = more_link(rows, limit, "pledges", f"{more}#pledges")
        sections.append(Section("pledges", "Pledges", table, more=link))
    if receipts:
        rows = [Row((one.cells[0], *one.cells[2:]), one.href) for one in receipt_rows(visit, receipts)]
        table = Table((RECEIPTS[0], *RECEIPTS[2:]), cut_rows(rows, limit), "Tax receipts", empty=_NONE)
        link = more_link(rows, limit, "tax receipts", f"{more}#tax-receipts")
        sections.append(Section("tax-receipts", "Tax receipts", table, more=link))
    return tuple(sections)


def donor_link(visit: Visit, party: Party) -> Link:
    """A donor by name, leading to their record."""
    return Link(party.name, member_url(visit, party.id))


_NONE = EmptyState("There is none.", "")
