"""How a case ends a membership: it lapses, goes on with the default plan, or is canceled."""

from datetime import date, datetime

from paidthru.dunning.models import Case
from paidthru.membership.models import Membership, Plan
from paidthru.membership.operations.ending import end_memberships
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening

_BECAUSE = {"lapse": "lapsed", "downgrade": "downgraded", "cancel": "canceled"}


def may_end(case: Case, does: str) -> bool:
    """Whether a case can end so: a downgrade needs a default plan that is another than the member's own (P-20). Without
    one it is left to staff."""
    if does != "downgrade":
        return True
    own = Membership.objects.filter(id=case.membership_id).values("plan_id")
    default = Plan.objects.filter(organization=case.organization_id, is_default=True)
    return default.exclude(id__in=own).exists()


def end_membership(
    organization: Organization, case: Case, does: str, *, on: date, actor: Actor, now: datetime
) -> tuple[str, list[Happening]]:
    """Ends a case's membership from a local date on; returns why the case is closed, which is the kind of mail too, and
    what to tell. After a lapse or a cancellation what is owed stays owed; a downgrade writes it off (stories,
    Documents)."""
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
    return because, told
