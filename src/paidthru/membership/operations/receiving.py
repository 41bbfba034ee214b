"""Money that staff record: what it pays, what it moves, what is told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership
from paidthru.membership.operations.standing import after_payment, restart_late_terms
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.models import Payment
from paidthru.payments.operations import Money, book, place
from paidthru.timeline.operations import Happening


@dataclass(frozen=True, slots=True)
class Received:
    """A payment that was booked, and what is to be recorded and announced of it."""

    payment: Payment
    happenings: list[Happening]


def receive_money(organization: Organization, money: Money, policies: Policies, *, now: datetime) -> Received:
    """Books money on the invoices it names, or on what the party owes: the payment, its allocations and journal, and
    what follows for memberships. Refused as `place`."""
    on = money.received_on
    placed = place(organization.id, money)
    restarted = restart_late_terms(placed.source_ids, policies, on=on)
    moved = after_payment(placed.source_ids, policies, on=on)
    batch = open_batch(organization.id, "receipts", on, now=now)
    payment = book(organization.id, batch.id, money, placed, now=now)
    facts = {
        "payment": payment.number,
        "amount": plain(money.amount_minor, money.currency),
        "currency": money.currency,
        "means": money.means,
        "surplus": plain(placed.surplus_minor, money.currency) if placed.surplus_minor else "",
    }
    return Received(
        payment,
        [
            Happening("payment_recorded", "payment", payment.id, money.party_id, facts=facts),
            *told_of_dates(moved, f"Payment {payment.number}"),
            *restarted,
        ],
    )


def members_of(membership_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whose each of the memberships is."""
    return dict(Membership.objects.filter(id__in=list(membership_ids)).values_list("id", "party_id"))


def told_of_dates(moved: list[tuple[UUID, date | None, date | None]], why: str) -> list[Happening]:
    """What is recorded of paid-through dates that moved, before and after: of the member, whoever paid (C-25)."""
    members = members_of(id_ for id_, _, _ in moved)
    return [
        Happening(
            "paid_through_moved",
            "membership",
            id_,
            members[id_],
            why,
            {"from": before.isoformat() if before else None, "to": after.isoformat() if after else None},
        )
        for id_, before, after in moved
    ]
