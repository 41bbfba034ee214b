"""The history of what a member was called, with the cause of each change (A-54)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.membership.models import Plan
from paidthru.membership.rules.history import BEGINS, TOLD, Rule, StatusChange, Told, status_history
from paidthru.membership.rules.settings import past_due_at
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.values import parse
from paidthru.timeline.models import Event

_ON_PLAN = BEGINS | {"plan_switched"}
_DECIDES = ("status.past_due_at", "status.grace_months")


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
    events = list(found.order_by("id"))
    told = [_told(event, organization.zone, without_terms) for event in events]
    changes = status_history(
        told,
        policies.word("status.labels"),
        _rules(organization, policies, events[0].at if events else None),
        today,
    )
    caused = [CausedChange(one, None if one.place is None else events[one.place]) for one in changes]
    return caused[::-1]


def _rules(organization: Organization, policies: Policies, since: datetime | None) -> list[Rule]:
    """What decided labels, in order, read back from the policies that hold now by the events that changed them after
    an instant."""
    names = {
        str(id_): name
        for id_, name in Plan.objects.filter(organization=organization).values_list("id", "name")
    }

    def rule(on: date, plan_id: str) -> Rule:
        here = policies.within(plan=plan_id) if plan_id else policies
        return Rule(on, past_due_at(here), policies.number("status.grace_months"), names.get(plan_id, ""))

    changes = Event.objects.filter(
        organization=organization,
        verb__in=["policy_set", "policy_unset"],
        subject_kind__in=["organization", "plan"],
        subject_id__in=[organization.id, *names],
        facts__policy__in=_DECIDES,
    )
    changed = list(changes.filter(at__gte=since).order_by("-id")) if since else []
    touched = {str(event.subject_id) for event in changed if event.subject_kind == "plan"}
    plans = sorted({*policies.differing("status.past_due_at", "plan"), *touched} & names.keys())
    found: list[Rule] = []
    for event in changed:
        on = local_date(event.at, organization.zone)
        found += [rule(on, plan_id) for plan_id in ("", *plans)]
        scope, key, facts = event.subject_kind, event.facts["policy"], event.facts
        before = parse(key, facts["before"]) if facts["source"] == scope else None
        at = str(event.subject_id) if scope == "plan" else ""
        policies = policies.changed({key: before}, scope=scope, scope_id=at)
    found += [rule(date.min, plan_id) for plan_id in ("", *plans)]
    return sorted(found, key=lambda one: (one.since, one.plan))


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
        facts.get("to" if event.verb == "plan_switched" else "plan", "") if event.verb in _ON_PLAN else "",
    )
