"""End what is over: memberships whose cancellation has come, and prepaid ones whose last term is behind them (C-02)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from paidthru.membership.models import Membership
from paidthru.membership.operations import end_memberships
from paidthru.membership.queries.ending import over_by
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record

PAGE = 1_000


def end_due(organization: Organization, *, on: date, actor: Actor, now: datetime) -> int:
    """Ends the next memberships that are over by the local date `on`, at most a thousand in one transaction, each as of
    its own day however late that is noticed; returns how many, 0 when none is left. Done twice it is done once."""
    with transaction.atomic():
        policies = policies_of(organization)
        found = over_by(organization.id, policies, on, limit=PAGE, hold=True)
        told: list[Happening] = []
        for day, because, members in _alike(found):
            told += end_memberships(
                organization,
                [member.id for member in members],
                because=because,
                on=day,
                why="The prepaid term is over." if because == "over" else "The cancellation took effect.",
                actor=actor,
                now=now,
            )
        record(organization.id, actor, now, told)
        announce(organization.id, told, now=now)
        return len(found)


def _alike(found: Sequence[Membership]) -> list[tuple[date, str, list[Membership]]]:
    """Memberships that end on the same day in the same way."""
    groups: dict[tuple[date, str], list[Membership]] = {}
    for membership in found:
        groups.setdefault(_end_of(membership), []).append(membership)
    return [
        (on, because, members) for (on, because), members in sorted(groups.items(), key=lambda one: one[0])
    ]


def _end_of(membership: Membership) -> tuple[date, str]:
    if membership.state == "ending" and membership.cancel_on is not None:
        return membership.cancel_on, "downgraded" if membership.ends_into == "downgrade" else "canceled"
    assert membership.renewed_through is not None  # `over_by` finds these by it
    return membership.renewed_through + timedelta(days=1), "over"
