"""How a case ends a membership: it lapses, goes on with the default plan, or is canceled."""

from datetime import date, datetime

from paidthru.dunning.models import Case
from paidthru.membership.operations.ending import end_memberships
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening

_BECAUSE = {"lapse": "lapsed", "downgrade": "downgraded", "cancel": "canceled"}


def end_membership(
    organization: Organization, case: Case, does: str, *, on: date, actor: Actor, now: datetime
) -> tuple[str, list[Happening]]:
    """Ends a case's membership from a local date on; returns why the case is closed, which is the kind of mail too, and
    what to tell. After a lapse or a cancellation what is owed stays owed; a downgrade writes it off (stories,
    Documents). Without a default plan there is nothing to move to: the membership is canceled."""
    because = _BECAUSE[does]
    told = end_memberships(
        organization,
        [case.membership_id],
        because=because,
        on=on,
        why=f"Unpaid since {case.opened_on.isoformat()}.",
        actor=actor,
        now=now,
    )
    if because == "downgraded" and not any(one.verb == "membership_downgraded" for one in told):
        because = "canceled"
    return because, told
