"""What members may use has changed: an event says so, for doors and bookings to follow (C-35, P-21)."""

from datetime import date
from uuid import UUID

from paidthru.membership.models import Membership
from paidthru.membership.queries.access import differing
from paidthru.membership.queries.ending import access_of
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
    record; nothing when none is left. Cheap when nothing has changed. One of which nothing has to be told after all
    never stands before the others: the next page is looked at."""
    found = differing(organization.id, policies, on).select_for_update(of=("self",), skip_locked=True)
    found, told = found.select_related("follows").order_by("id"), list[Happening]()
    page = list(found[:PAGE])
    while page and not told:
        for one in page:
            open_ = access_of(one, policies, on)
            if open_.access == one.access_told:
                continue
            told.append(access_changed(one.id, one.party_id, one.access_told, open_.access, open_.why))
            Membership.objects.filter(id=one.id).update(access_told=open_.access)
        page = [] if told else list(found.filter(id__gt=page[-1].id)[:PAGE])
    return told
