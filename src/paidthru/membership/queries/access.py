"""Questions about access: whose isn't what the last event said, since when, and when it is next taken away."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from paidthru.kernel.periods import add_months
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries.ending import restriction
from paidthru.membership.rules.entitlement import Restrict
from paidthru.membership.rules.status import cutoffs
from paidthru.organizations.rules.policies import Policies

_DAY = timedelta(days=1)
_TAKEN = ("limited", "none")  # told of those who go on; what the default plan gives isn't looked at again
_COUNTED = 1_000


def differing(organization_id: UUID, policies: Policies, on: date) -> QuerySet[Membership]:
    """The memberships that open something else on a local date than when it was last told (`entitlement` says the same
    of one). Each part of the question goes along an index, so that asking costs what has changed."""
    either = Q(pk__in=[])
    for restrict, plans in _plans(organization_id, policies).items():
        for part in _parts(restrict, policies, on):
            either |= Q(plan_id__in=plans) & part
    found = Membership.objects.filter(either, organization_id=organization_id)
    return found.exclude(state="ended")


def access_due(organization_id: UUID, policies: Policies, on: date) -> tuple[int, date | None]:
    """How many memberships open something else than was told, counted to a thousand; and the local date on which the
    calendar made it so of the first of them, None where it was something else."""
    known, grace = _plans(organization_id, policies), policies.number("status.grace_months")
    restricts = {plan: restrict for restrict, plans in known.items() for plan in plans}
    rows = differing(organization_id, policies, on).values_list(
        "plan_id", "access_told", "unpaid_since", "paid_through"
    )
    days: list[date] = []
    count = 0
    for plan_id, told, unpaid_since, paid_through in rows[:_COUNTED]:
        count += 1
        restrict = restricts[plan_id]
        if told == "full" and isinstance(restrict, tuple) and unpaid_since is not None:
            wait = timedelta(days=restrict[1])
            days.append(unpaid_since + wait)
        elif told == "full" and paid_through is not None:
            days.append(add_months(paid_through + _DAY, grace))
    return count, min(days, default=None)


def next_access(organization_id: UUID, policies: Policies, after: date) -> date | None:
    """The first local date after another on which the calendar takes access away from somebody who has it."""
    grace = policies.number("status.grace_months")
    full = Membership.objects.filter(organization_id=organization_id, access_told="full")
    full = full.exclude(state="ended")
    days: list[date] = []
    for restrict, plans in _plans(organization_id, policies).items():
        mine = full.filter(plan_id__in=plans)
        if isinstance(restrict, tuple):
            wait = timedelta(days=restrict[1])
            since = mine.filter(unpaid_since__gt=after - wait).aggregate(on=Min("unpaid_since"))["on"]
            days += [since + wait] if since else []
        elif restrict == "by_paid_through":
            out = cutoffs(after, "never", grace).inactive_by
            through = mine.filter(paid_through__gt=out).aggregate(on=Min("paid_through"))["on"]
            days += [add_months(through + _DAY, grace)] if through else []
    return min(days, default=None)


def _plans(organization_id: UUID, policies: Policies) -> Mapping[Restrict, list[UUID]]:
    """An organization's plans by what restricts access for those on them."""
    found = defaultdict[Restrict, list[UUID]](list)
    for plan_id in Plan.objects.filter(organization_id=organization_id).values_list("id", flat=True):
        found[restriction(policies, plan_id)].append(plan_id)
    return found


def _parts(restrict: Restrict, policies: Policies, on: date) -> Iterator[Q]:
    full, taken = Q(access_told="full"), Q(access_told__in=_TAKEN)
    if isinstance(restrict, tuple):
        late_by = on - timedelta(days=restrict[1])
        yield full & Q(unpaid_since__lte=late_by)
        yield taken & (Q(unpaid_since=None) | Q(unpaid_since__gt=late_by))
    elif restrict == "by_paid_through":
        out = cutoffs(on, "never", policies.number("status.grace_months")).inactive_by
        yield full & Q(paid_through__lte=out)
        yield full & Q(paid_through=None) & (Q(state="pending") | Q(unpaid_since__isnull=False))
        paid = Q(paid_through__gt=out) | (Q(paid_through=None, unpaid_since=None) & ~Q(state="pending"))
        yield taken & paid
    else:
        yield taken
