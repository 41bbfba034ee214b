"""The history of what a member was called, with the cause of each change (A-54)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from paidthru.invoicing.models import Line
from paidthru.kernel.clock import local_date
from paidthru.membership.models import Membership, Plan
from paidthru.membership.rules.history import BEGINS, FAILURES, TOLD, Rule, StatusChange, Told, status_history
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
    events = _told_of(organization, party_id)
    told = [_told(event, organization.zone, without_terms) for event in events]
    changes = status_history(
        told,
        policies.word("status.labels"),
        _rules(organization, policies, events[0].at if events else None),
        today,
    )
    caused = [CausedChange(one, None if one.place is None else events[one.place]) for one in changes]
    return caused[::-1]


def _told_of(organization: Organization, party_id: UUID) -> list[Event]:
    """What was told of a party's own memberships, in order. Where somebody else pays (C-25), failures are told of the
    payer, whose own history they aren't."""
    found = Event.objects.filter(organization=organization, verb__in=sorted(TOLD))
    events = list(found.filter(party_id=party_id).order_by("id"))
    own = list(Membership.objects.filter(party_id=party_id).values_list("id", flat=True))
    payers = Event.objects.filter(subject_id__in=own, verb="payer_set").values_list(
        "facts__payer_id", flat=True
    )
    if Event.objects.filter(party_id=party_id, verb="pays_for").exists():
        strange = _failed([one for one in events if one.verb in FAILURES], ~Q(receivable__source_id__in=own))
        events = [one for one in events if one.subject_id not in strange]
    if others := set(payers):
        theirs = list(found.filter(party_id__in=others, verb__in=FAILURES))
        ours = _failed(theirs, Q(receivable__source_id__in=own))
        events += [one for one in theirs if one.subject_id in ours]
    return sorted(events, key=lambda one: one.id)


def _failed(failures: Sequence[Event], which: Q) -> set[UUID]:
    """The attempts and payments of failures that were about lines of dues which are `which`."""
    ids = [one.subject_id for one in failures]
    lines = Line.objects.filter(which, receivable__kind="dues")
    attempts = lines.filter(invoice__intents__intent__attempts__in=ids)
    payments = lines.filter(receivable__allocations__payment__in=ids)
    return {
        *attempts.values_list("invoice__intents__intent__attempts", flat=True),
        *payments.values_list("receivable__allocations__payment", flat=True),
    }


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
