"""Resolve a failed cycle: one act with four ways, paid outside, charge now, waive, skip to a date (X12, P-10)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from paidthru.invoicing.operations import live_document_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations.moving import clear_unpaid
from paidthru.membership.operations.renewal_dates import (
    give_up_cycle,
    refuse_past,
    refuse_under_way,
    renewal_move,
    write_move,
)
from paidthru.membership.operations.settling_cycles import (
    MONEY_CAME,
    REASONS,
    checked_reason,
    pay_cycle,
    waive_cycle,
)
from paidthru.membership.queries.changing import OpenCycle, current_membership, open_cycle, open_cycles
from paidthru.membership.rules.changing import TermChange
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record

Way = Literal["paid_outside", "charge_now", "waive", "skip"]
WAYS: tuple[Way, ...] = ("paid_outside", "charge_now", "waive", "skip")
_SAID = {"paid_outside": "paid outside", "charge_now": "charged now", "waive": "waived", "skip": "skipped"}


@dataclass(frozen=True, slots=True)
class Resolved:
    """What resolving made: the invoice that is to be collected now (`charge_now`), else None."""

    membership_id: UUID
    invoice_id: UUID | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a failed cycle is resolved.

    `reason` is one of `REASONS` for money (check, cash, terminal, transfer) when it was paid outside, `why` a sentence.
    `renewal_on`, a local date ahead, moves the renewal date in the same act; to skip, it may be left out: then it is
    the present one.
    """

    way: Way
    reason: str = ""
    why: str = ""
    renewal_on: date | None = None


def resolve_failed_cycle(
    organization: Organization,
    party_id: UUID,
    how: Resolution,
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Resolved:
    """Resolves a party's failed cycle in one transaction, so that nothing can come between its parts (P-10, P-11).

    paid_outside books the money; charge_now names the cycle's live invoice, which the caller opens an attempt at in the
    same transaction and collects: the same obligation as every automatic try, so that there is one success (P-16);
    waive credits what is owed with the reason; skip asks for it no more. Then the renewal date moves, if one is given.
    Refused: `way_unknown`, `reason_unknown`, `reason_missing`, `past_date`, `invoice_paid` (nothing is unpaid),
    `payment_in_progress`, `key_reused`, and as `renewal_move`.
    """
    _check(how)

    def act() -> dict[str, str | None]:
        membership = current_membership(organization, party_id)
        on, policies = local_date(now, organization.zone), policies_of(organization)
        cycle = _unpaid(membership)
        happenings, invoice_id = list[Happening](), None
        if how.way in ("waive", "charge_now"):
            refuse_under_way([one.id for one in cycle.receivables])
        if how.way == "paid_outside":
            happenings += pay_cycle(
                organization, membership, cycle, means=how.reason, amount_minor=None,
                policies=policies, actor=actor, on=on, now=now,
            ).happenings  # fmt: skip
        elif how.way == "waive":
            happenings += waive_cycle(
                organization, membership, cycle, reason=how.why,
                policies=policies, actor=actor, on=on, now=now,
            ).happenings  # fmt: skip
        elif how.way == "skip":
            said = how.why or "The failed cycle is skipped."
            for each in open_cycles(membership, on):
                happenings += give_up_cycle(organization, each.term, why=said, on=on, now=now)
        else:
            ids = [one.id for one in cycle.receivables]
            invoice_id = live_document_of(organization.id, ids, on=on, now=now, actor=actor)
        happenings += _renewal(organization, membership, how, on, now)
        clear_unpaid(membership, on)
        facts = {"way": _SAID[how.way], "reason": REASONS.get(how.reason, ""), "next": _next(membership)}
        happenings.append(
            Happening("cycle_resolved", "membership", membership.id, membership.party_id, how.why, facts)
        )
        record(organization.id, actor, now, happenings)
        announce(organization.id, happenings, now=now)
        return {"membership": str(membership.id), "invoice": str(invoice_id) if invoice_id else None}

    inputs = {"party": party_id, "way": how.way, "reason": how.reason, "why": how.why, "on": how.renewal_on}
    found = once(organization.id, key, "resolve_failed_cycle", inputs, now, act)
    return Resolved(UUID(found["membership"]), UUID(found["invoice"]) if found["invoice"] else None)


def _check(how: Resolution) -> None:
    if how.way not in WAYS:
        raise Refused(
            "way_unknown",
            f"“{how.way}” is no way to resolve a failed cycle.",
            field="way",
            value=how.way,
            fix=f"Choose one of: {', '.join(WAYS)}.",
        )
    if how.way == "paid_outside" and checked_reason(how.reason) not in MONEY_CAME:
        raise Refused(
            "reason_unknown",
            "Say how the money came.",
            field="reason",
            value=how.reason,
            fix="Choose check, cash, terminal or transfer; where no money came, waive it with a reason.",
        )
    if how.way == "waive" and not how.why.strip():
        raise Refused(
            "reason_missing",
            "What is owed is waived only with a reason.",
            field="why",
            fix="Say why in a sentence.",
        )


def _unpaid(membership: Membership) -> OpenCycle:
    cycle = open_cycle(membership)
    if cycle is None:
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            field="member",
            fix="Nothing has to be resolved; a charge can be made by itself.",
        )
    return cycle


def _renewal(
    organization: Organization, membership: Membership, how: Resolution, on: date, now: datetime
) -> list[Happening]:
    """The renewal date moves, if one is given; to skip, the present one has to lie ahead."""
    if how.renewal_on is None:
        if how.way == "skip" and membership.plan.kind == "subscription":
            refuse_past(membership.next_bill_on, on)
        return []
    refuse_past(how.renewal_on, on)
    policies = policies_of(organization)
    moving = renewal_move(
        organization, membership, policies, how.renewal_on, today=on, now=now, confirmed=False
    )
    _refuse_replacing(membership, how, moving.move.changes)
    return write_move(organization, membership, moving, on=on, why=how.why, now=now)


def _refuse_replacing(membership: Membership, how: Resolution, changes: tuple[TermChange, ...]) -> None:
    """A cycle that is charged now isn't billed again from the new date."""
    if how.way == "charge_now" and any(change.become == "replaced" for change in changes):
        raise Refused(
            "renewal_date_too_early",
            "The cycle that is charged now is not over by then.",
            field="renewal_date",
            value=how.renewal_on.isoformat() if how.renewal_on else None,
            fix=f"Choose a day after {membership.renewed_through}.",
        )


def _next(membership: Membership) -> str | None:
    on = Membership.objects.values_list("next_bill_on", flat=True).get(id=membership.id)
    return on.isoformat() if on else None
