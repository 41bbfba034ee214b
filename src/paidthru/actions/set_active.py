"""Set a member active who failed to pay: nothing more is tried for the failed cycle, until the next renewal date."""

from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.membership.operations.moving import clear_unpaid
from paidthru.membership.operations.renewal_dates import (
    give_up_cycle,
    refuse_past,
    renewal_move,
    write_move,
)
from paidthru.membership.queries.changing import current_membership, open_cycles
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record


def set_active(
    organization: Organization,
    party_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    renewal_on: date | None = None,
    why: str = "",
    key: str | None = None,
) -> UUID:
    """Ends the arrears of a party's membership (P-09, P-12) and returns its id: what was due and is unpaid is asked for
    no more, retries that were planned don't come, and the next attempt is that of the next renewal date.

    `renewal_on` moves that date in the same act; it has to lie ahead (P-14). This is the way `skip` of resolving a
    failed cycle (X12). Refused: `past_date`, `payment_in_progress`, `not_a_member`, `key_reused`,
    and as `renewal_move`.
    """

    def act() -> dict[str, str]:
        membership = current_membership(organization, party_id)
        on, policies = local_date(now, organization.zone), policies_of(organization)
        happenings: list[Happening] = []
        said = why or "Set active: the failed cycle is skipped."
        for cycle in open_cycles(membership, on):
            happenings += give_up_cycle(organization, cycle.term, why=said, on=on, now=now)
        if renewal_on is not None:
            refuse_past(renewal_on, on)
            moving = renewal_move(
                organization, membership, policies, renewal_on, today=on, now=now, confirmed=False
            )
            happenings += write_move(organization, membership, moving, on=on, why=why, now=now)
        elif membership.plan.kind == "subscription":
            refuse_past(membership.next_bill_on, on)
        clear_unpaid(membership, on)
        next_on = renewal_on or membership.next_bill_on
        facts = {"next": next_on.isoformat() if next_on else None}
        happenings.append(
            Happening("set_active", "membership", membership.id, membership.party_id, why, facts)
        )
        record(organization.id, actor, now, happenings)
        return {"membership": str(membership.id)}

    inputs = {"party": party_id, "renewal_on": renewal_on, "why": why}
    return UUID(once(organization.id, key, "set_active", inputs, now, act)["membership"])
