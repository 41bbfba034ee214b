"""Set the reason for which a member's cycle counts as paid: for the record, where it was settled without one (C-36)."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.texts import checked_name
from paidthru.membership.operations.settling_cycles import REASONS
from paidthru.membership.queries.changing import current_membership
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def set_payment_reason(
    organization: Organization,
    party_id: UUID,
    *,
    reason: str = "resolved",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Notes why a party's present cycle counts as paid: a word of `REASONS`, or a sentence. No money moves.

    Refused: `not_a_member`, `key_reused`, and what `checked_name` refuses.
    """
    text = REASONS.get(reason) or checked_name(reason, field="reason", most=300)

    def act() -> dict[str, str]:
        membership = current_membership(organization, party_id)
        happening = Happening(
            "payment_reason_set", "membership", membership.id, membership.party_id, facts={"reason": text}
        )
        record(organization.id, actor, now, [happening])
        return {"membership": str(membership.id)}

    once(organization.id, key, "set_payment_reason", {"party": party_id, "reason": text}, now, act)
