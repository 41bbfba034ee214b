"""The history of what a member was called, with the cause of each change (A-54)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.membership.rules.history import BEGINS, TOLD, StatusChange, Told, status_history
from paidthru.membership.rules.settings import past_due_at
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.models import Event

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class CausedChange:
    """A change of what a member was called, and the event that caused it; None where a date alone did."""

    change: StatusChange
    event: Event | None


def status_history_of(
    organization: Organization,
    party_id: UUID,
    policies: Policies,
    today: date,
    *,
    without_terms: Sequence[str],
) -> list[CausedChange]:
    """Every change of what a party was called, newest first. `without_terms` are the names of plans that nobody pays
    for: who joins one is active at once. Labels are the present words for what was so then."""
    found = Event.objects.filter(organization=organization, party_id=party_id, verb__in=sorted(TOLD))
    events = list(found.order_by("id")[:_MOST])
    told = [_told(event, organization.zone, without_terms) for event in events]
    changes = status_history(
        told,
        policies.word("status.labels"),
        past_due_at(policies),
        policies.number("status.grace_months"),
        today,
    )
    caused = [CausedChange(one, None if one.place is None else events[one.place]) for one in changes]
    return caused[::-1]


_DAYS: Mapping[str, str] = {
    "billed": "through",
    "paid_through_moved": "to",
    "brought_in": "paid_through",
    "cancellation_asked": "on",
}


def _told(event: Event, zone: str, without_terms: Sequence[str]) -> Told:
    facts: Mapping[str, Any] = event.facts
    through = facts.get(_DAYS.get(event.verb, ""))
    free = event.verb in BEGINS and facts.get("plan") in without_terms
    return Told(
        local_date(event.at, zone),
        event.verb,
        event.why,
        date.fromisoformat(through) if through else None,
        free,
    )
