"""Mark a cycle as paid: money that came outside is recorded, or what is owed is waived with the reason (C-36, C-39)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations.settling_cycles import (
    MONEY_CAME,
    REASONS,
    begin_first_cycle,
    checked_reason,
    pay_cycle,
    waive_cycle,
)
from paidthru.membership.queries.changing import OpenCycle, current_membership, open_cycle
from paidthru.notices.operations import announce, tell_of_purchase
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.operations import Actor, Happening, once, record


@dataclass(frozen=True, slots=True)
class MarkedPaid:
    """What marking a cycle as paid made: a payment, a credit note, or neither where the cycle was not billed."""

    membership_id: UUID
    payment_id: UUID | None
    credit_note_id: UUID | None


def mark_cycle_paid(
    organization: Organization,
    party_id: UUID,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    amount_minor: int | None = None,
    why: str = "",
    key: str | None = None,
) -> MarkedPaid:
    """Lets a party's oldest unpaid cycle count as paid, for one of `REASONS`: to be used only if funds were actually
    collected, or with the two reasons that say that none were (C-36, C-39).

    Check, cash, terminal and transfer record a payment of what is owed, or of `amount_minor` (minor units; a part
    leaves the rest owed). Imported and resolved credit what is owed, with the reason. A first cycle that is still to
    come is billed for it. The next charge is that of the next cycle's start (C-38). Allowed beside an open attempt: if
    both succeed, the surplus is credit.
    Refused: `reason_unknown`, `invoice_paid` when no cycle is unpaid, `not_a_member`, `amount_invalid`, `key_reused`.
    """
    checked_reason(reason)

    def act() -> dict[str, str | None]:
        membership = current_membership(organization, party_id)
        on, policies = local_date(now, organization.zone), policies_of(organization)
        cycle = _cycle(organization, membership, reason, policies, actor, now)
        happenings, payment_id, note_id = list[Happening](), None, None
        if cycle is not None:
            if reason in MONEY_CAME:
                settled = pay_cycle(
                    organization, membership, cycle, means=reason, amount_minor=amount_minor,
                    policies=policies, actor=actor, on=on, now=now,
                )  # fmt: skip
            else:
                settled = waive_cycle(
                    organization, membership, cycle, reason=why or f"{REASONS[reason]}.",
                    policies=policies, actor=actor, on=on, now=now,
                )  # fmt: skip
            happenings, payment_id, note_id = settled.happenings, settled.payment_id, settled.credit_note_id
        after = Membership.objects.get(id=membership.id)
        facts = {
            "reason": REASONS[reason],
            "next": after.next_bill_on.isoformat() if after.next_bill_on else None,
        }
        happenings.append(
            Happening("cycle_marked_paid", "membership", membership.id, membership.party_id, why, facts)
        )
        record(organization.id, actor, now, happenings)
        announce(organization.id, happenings, now=now)
        return {
            "membership": str(membership.id),
            "payment": str(payment_id) if payment_id else None,
            "credit_note": str(note_id) if note_id else None,
        }

    inputs = {"party": party_id, "reason": reason, "amount": amount_minor, "why": why}
    found = once(organization.id, key, "mark_cycle_paid", inputs, now, act)
    return MarkedPaid(
        UUID(found["membership"]),
        UUID(found["payment"]) if found["payment"] else None,
        UUID(found["credit_note"]) if found["credit_note"] else None,
    )


def _cycle(
    organization: Organization,
    membership: Membership,
    reason: str,
    policies: Policies,
    actor: Actor,
    now: datetime,
) -> OpenCycle | None:
    """The cycle that is marked: the oldest unpaid one, or the first, billed for it; None for a first one that counts as
    paid without having been billed."""
    cycle = open_cycle(membership)
    if cycle is not None:
        return cycle
    if membership.renewed_through is not None or membership.plan.kind not in ("subscription", "prepaid"):
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            field="member",
            fix="Record the money as a payment; it stands as credit.",
        )
    on = local_date(now, organization.zone)
    billed = begin_first_cycle(
        organization,
        membership,
        free=reason not in MONEY_CAME,
        policies=policies,
        actor=actor,
        on=on,
        now=now,
    )
    if billed is not None:
        tell_of_purchase(organization.id, billed, buyer=membership.party.name, now=now)
    return open_cycle(membership)
