"""Former members come back: what is over makes way for what begins, and the new membership knows what it follows."""

from datetime import date, datetime, timedelta
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.membership.models import Membership
from paidthru.membership.operations.ending import end_memberships
from paidthru.membership.queries import interval_of_membership
from paidthru.membership.queries.changing import hold_current
from paidthru.membership.rules.ending import next_bill_after
from paidthru.membership.rules.joining import WITHOUT_TERMS
from paidthru.membership.rules.settings import PlanFacts
from paidthru.membership.rules.status import LIFECYCLE
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record

_DAY = timedelta(days=1)


def make_way(
    party: Party, plan: PlanFacts, policies: Policies, *, renews: bool | None, actor: Actor, now: datetime
) -> Membership | None:
    """The membership of a party that stands in the way of another one, or is renewed instead; None when there is none.

    What is over by today ends now, as does a membership on the default plan when somebody joins another one (P-28). One
    that is still marked active, or is to end, although its last term is behind it ends too where coming back is a new
    membership (`rejoin.mode`, unless `renews` decides it), and stays where it is a renewal (G-39, X19).
    """
    today = local_date(now, party.organization.zone)
    while True:  # what has ended may have gone on with the default plan
        standing = hold_current(party.id)
        end = _end_of(standing, plan, policies, renews, today) if standing else None
        if standing is None or end is None:
            return standing
        on, because, why = end
        told = end_memberships(
            party.organization, [standing.id], because=because, on=on, why=why, actor=actor, now=now
        )
        record(party.organization_id, actor, now, told)


def _end_of(
    standing: Membership, plan: PlanFacts, policies: Policies, renews: bool | None, today: date
) -> tuple[date, str, str] | None:
    """The day from which a standing membership is over, because of what, and why; None while it goes on."""
    if standing.state == "ending" and standing.cancel_on is not None and standing.cancel_on <= today:
        because = "downgraded" if standing.ends_into == "downgrade" else "canceled"
        return standing.cancel_on, because, "The cancellation took effect."
    bills_nothing = standing.next_bill_on is None and not standing.autopay
    if (
        standing.state == "active"
        and standing.plan.is_default
        and standing.plan_id != plan.id
        and bills_nothing
    ):
        return today, "switched", f"Joined {plan.name}."
    through = last_day(standing)
    if through is not None and is_former(standing, today) and not _renews(policies, renews):
        return through + _DAY, "over", f"Its last term was over; joined {plan.name} anew."
    return None


def _renews(policies: Policies, renews: bool | None) -> bool:
    return policies.word("rejoin.mode") != "new_membership" if renews is None else renews


def last_day(membership: Membership) -> date | None:
    """The last day that a membership was billed or paid for."""
    return max(filter(None, (membership.paid_through, membership.renewed_through)), default=None)


def is_former(membership: Membership, today: date) -> bool:
    """Whether a membership is still marked active, or only is to end, although its last term is behind it (G-39)."""
    through = last_day(membership)
    return membership.state in ("active", "ending") and through is not None and through < today


def would_stay(
    party_id: UUID, plan: PlanFacts, policies: Policies, *, renews: bool | None = None, today: date
) -> Membership | None:
    """The membership that would stand in the way of joining the plan, or be renewed instead: what `make_way` answers,
    asked without writing."""
    found = Membership.objects.select_related("plan", "party").filter(party_id=party_id)
    standing = found.exclude(state="ended").first()
    if standing is None or _end_of(standing, plan, policies, renews, today) is not None:
        return None
    return standing


def go_on(membership: Membership, policies: Policies, *, why: str, actor: Actor, now: datetime) -> None:
    """Lets a membership go on that was to end, inside the caller's transaction: it bills again at its next renewal, and
    nothing is charged for the days between (A2-1). The membership's row is locked, and stands as it is then."""
    today = local_date(now, membership.organization.zone)
    canceled_for, next_bill_on = membership.cancel_on, None
    if membership.plan.kind == "subscription":
        interval = interval_of_membership(membership, policies)
        next_bill_on = next_bill_after(membership.renewed_through, membership.anchor_on, interval, today)
    unpaid = membership.paid_through is None and membership.plan.kind not in WITHOUT_TERMS
    membership.state = LIFECYCLE.next("ending", "undo_unpaid" if unpaid else "undo_cancel")
    membership.cancel_on, membership.ends_into, membership.next_bill_on = None, "", next_bill_on
    membership.save(update_fields=["state", "cancel_on", "ends_into", "next_bill_on"])
    facts = {"plan": membership.plan.name, "on": str(canceled_for)}
    if next_bill_on is not None:
        facts["next"] = next_bill_on.isoformat()
    told = Happening("cancellation_undone", "membership", membership.id, membership.party_id, why, facts)
    record(membership.organization_id, actor, now, [told])


def last_ended(party_id: UUID) -> Membership | None:
    """The membership of a party that ended last, which a new one goes on from."""
    found = Membership.objects.select_related("plan").filter(party_id=party_id, state="ended")
    return found.order_by("-id").first()


def told_of_return(before: Membership | None) -> dict[str, str]:
    """The facts of an event that tell what a new membership follows; none for a new member."""
    if before is None:
        return {}
    return {"before": before.plan.name, "ended": before.ended_on.isoformat() if before.ended_on else ""}
