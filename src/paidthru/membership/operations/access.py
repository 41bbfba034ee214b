"""What members may use has changed: an event says so, for doors and bookings to follow (C-35, P-21)."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries.ending import access_of, restriction
from paidthru.membership.rules.status import cutoffs
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.operations import Happening

PAGE = 500


def access_changed(membership_id: UUID, party_id: UUID, before: str, now: str, why: str) -> Happening:
    """The event of another access: full, limited, fallback (to what the default plan gives) or none."""
    return Happening(
        "access_changed", "membership", membership_id, party_id, why, {"from": before, "access": now}
    )


def note_access(organization: Organization, policies: Policies, *, on: date) -> list[Happening]:
    """Notes the next memberships whose access on the local date isn't what the last event said, and returns what to
    record; nothing when none is left. Cheap when nothing has changed: one look along an index for each plan that
    restricts anything."""
    found = Membership.objects.select_for_update(of=("self",), skip_locked=True).filter(
        organization=organization
    )
    found = (
        found.exclude(state="ended")
        .exclude(access_told="fallback")
        .filter(_differs(organization, policies, on))
    )
    told: list[Happening] = []
    for one in found.select_related("follows").order_by("id")[:PAGE]:
        open_ = access_of(one, policies, on)
        if open_.access == one.access_told:
            continue
        told.append(access_changed(one.id, one.party_id, one.access_told, open_.access, open_.why))
        Membership.objects.filter(id=one.id).update(access_told=open_.access)
    return told


def _differs(organization: Organization, policies: Policies, on: date) -> Q:
    """Which memberships opened something else when it was last told (`entitlement` says the same of one)."""
    free, out_of_it = list[UUID](), Q(pk__in=[])
    grace = cutoffs(on, "never", policies.number("status.grace_months")).inactive_by
    for plan_id in Plan.objects.filter(organization=organization).values_list("id", flat=True):
        restrict = restriction(policies, plan_id)
        if isinstance(restrict, tuple):
            late = Q(unpaid_since__lte=date.fromordinal(on.toordinal() - restrict[1]))
            not_late = Q(unpaid_since=None) | Q(
                unpaid_since__gt=date.fromordinal(on.toordinal() - restrict[1])
            )
            differs = (Q(access_told="full") & late) | (~Q(access_told="full") & not_late)
        elif restrict == "by_paid_through":
            never = Q(paid_through=None) & (Q(state="pending") | Q(unpaid_since__isnull=False))
            paid = Q(paid_through__gt=grace) | (Q(paid_through=None, unpaid_since=None) & ~Q(state="pending"))
            differs = (Q(access_told="full") & (Q(paid_through__lte=grace) | never)) | (
                ~Q(access_told="full") & paid
            )
        else:
            free.append(plan_id)
            continue
        out_of_it |= Q(plan_id=plan_id) & differs
    return out_of_it | (Q(plan_id__in=free) & ~Q(access_told="full"))
