"""Who is covered on a day, and by which membership: derived from who belongs where and what each membership opens."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from paidthru.membership.models import Membership
from paidthru.membership.queries.ending import access_of
from paidthru.membership.rules.entitlement import Entitlement
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Belonging
from paidthru.people.queries import belongings_of, stays_in
from paidthru.people.rules.belonging import Stay, seated


@dataclass(frozen=True, slots=True)
class Cover:
    """What covers somebody: a membership, their own or one that a household or company of theirs holds, and what it
    opens by what is known today."""

    membership: Membership
    opens: Entitlement

    @property
    def holds(self) -> bool:
        """Whether it opens anything."""
        return self.opens.access != "none"


def holding(party_id: UUID, on: date) -> Membership | None:
    """The membership that a party has on a local day: begun by then and not over."""
    return next(iter(_held([party_id], on)), None)


def covers_of(organization_id: UUID, party_id: UUID, policies: Policies, on: date) -> tuple[Cover, ...]:
    """What covers a party on a local day: its own membership first, then those of its households and companies in
    which it has a seat. Nothing: they aren't covered."""
    own = [Cover(one, access_of(one, policies, on)) for one in _held([party_id], on)]
    stays = Belonging.objects.filter(organization_id=organization_id, party_id=party_id, from_on__lte=on)
    groups = stays.filter(Q(until_on=None) | Q(until_on__gt=on)).values_list("group_id", flat=True)
    held = _held(list(groups), on)
    theirs = [
        Cover(one, access_of(one, policies, on))
        for one in held
        if party_id in seated(stays_in(one.party_id), one.plan.seats, on)
    ]
    return (*own, *theirs)


def _held(party_ids: Sequence[UUID], on: date) -> list[Membership]:
    found = Membership.objects.filter(party_id__in=party_ids).filter(Q(joined_on=None) | Q(joined_on__lte=on))
    found = found.filter(Q(ended_on=None) | Q(ended_on__gt=on))
    return list(found.select_related("plan", "party").order_by("party__name", "created_at", "id"))


def covered_people(
    organization_id: UUID, policies: Policies, on: date, *, groups: Collection[UUID] | None = None
) -> dict[tuple[UUID, UUID], Membership]:
    """By household or company and person: the group's membership that covers them on a local day, of some groups or of
    all of an organization, in a few queries."""
    stays, found = defaultdict[UUID, list[Stay]](list), belongings_of(organization_id, on=on)
    for one in found if groups is None else found.filter(group_id__in=groups):
        stays[one.group_id].append(Stay(one.id, one.party_id, one.from_on, one.until_on))
    return {
        (held.party_id, party_id): held
        for held in _held(list(stays), on)
        if access_of(held, policies, on).access != "none"
        for party_id in seated(stays[held.party_id], held.plan.seats, on)
    }
