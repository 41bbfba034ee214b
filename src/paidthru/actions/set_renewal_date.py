"""Set a renewal date: the next term bills on it, and it is the anchor from then on (P-11, P-13, P-14, P-29, P-30)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.membership.operations.renewal_dates import RenewalMove, renewal_move, write_move
from paidthru.membership.queries.changing import current_membership
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, once, record


def set_renewal_date(
    organization: Organization,
    party_id: UUID,
    to: date,
    *,
    actor: Actor,
    now: datetime,
    confirmed: bool = False,
    why: str = "",
    key: str | None = None,
) -> UUID:
    """Moves the renewal date of a party's membership to a local date, and returns the membership's id.

    A date in the past is charged at the next top of the hour, asked about (`confirmed`) or only the anchor, by
    `billing.past_date` (X11). Nothing that is paid is billed again; a cycle of which nothing is paid is billed from the
    new date instead if that lies in it. Refused as `renewal_move`, `payment_in_progress`, `key_reused`.
    """

    def act() -> dict[str, str]:
        membership = current_membership(organization, party_id)
        on, policies = local_date(now, organization.zone), policies_of(organization)
        moving = renewal_move(organization, membership, policies, to, today=on, now=now, confirmed=confirmed)
        record(
            organization.id, actor, now, write_move(organization, membership, moving, on=on, why=why, now=now)
        )
        return {"membership": str(membership.id)}

    inputs = {"party": party_id, "to": to, "why": why}
    return UUID(once(organization.id, key, "set_renewal_date", inputs, now, act)["membership"])


def preview_renewal_date(
    organization: Organization, party_id: UUID, to: date, *, now: datetime
) -> RenewalMove:
    """What `set_renewal_date` would do, a date in the past taken as confirmed; writes nothing. Refused as it is."""
    with transaction.atomic():
        return renewal_move(
            organization,
            current_membership(organization, party_id),
            policies_of(organization),
            to,
            today=local_date(now, organization.zone),
            now=now,
            confirmed=True,
        )
