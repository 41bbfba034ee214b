"""What a change of policy would alter in the next 30 days: what happens by the present policies, and by the proposed
ones, membership by membership. Nothing is written."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from paidthru.actions.notify_ahead import days_before
from paidthru.assessments.queries import count_late, late_fee_now
from paidthru.assessments.rules.late_fees import late_fee_of
from paidthru.dunning.queries import ladder_of, waited_for
from paidthru.dunning.rules.ladder import CatchUp
from paidthru.ledger.queries import unposted
from paidthru.membership.models import Membership
from paidthru.membership.operations.deciding import WHOLE, Scope, considered
from paidthru.membership.queries.carrying import earlier_terms
from paidthru.membership.queries.deciding import COLUMNS
from paidthru.membership.queries.discounts import discounts_of
from paidthru.membership.queries.plans import plan_facts
from paidthru.membership.queries.running import PLAN_NEXT, RunBasis, candidates_by_id
from paidthru.membership.rules.renewal import Billed, RunRules, Skipped, decide
from paidthru.membership.rules.settings import (
    PlanFacts,
    interval_of,
    past_due_at,
    plan_term_rules,
    term_rules,
)
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies, Value, checked
from paidthru.organizations.rules.slots import slot_of
from paidthru.payments.queries.retrying import Schedules, retry_policy
from paidthru.payments.rules.retries import Instrument
from paidthru.runs.desk import Desk
from paidthru.runs.dunning import FOLLOW_UP_AT
from paidthru.runs.forecast import Happens, Ways, forecast
from paidthru.runs.standings import Member, Readings, members_of, read

DAYS = 30
LISTED = 50
_MONTHS = "term.interval_months"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_EARLY, _LATE = time(6, 0), time(12, 0)  # stand for every time of day before and after the hour of steps


@dataclass(frozen=True, slots=True)
class Totals:
    """What happens in all. Amounts are minor units of the organization's currency, to which a plan in another adds
    none; `labels` counts changes of labels,
    with the day on which they come, and what is called so from the first day on."""

    bills: int = 0
    billed_minor: int = 0
    charges: int = 0
    charged_minor: int = 0
    declined: int = 0
    mails: int = 0
    ends: int = 0
    labels: int = 0


@dataclass(frozen=True, slots=True)
class Different:
    """A membership for which it makes a difference: what only happens by the present policies, and what only by the
    proposed ones."""

    membership_id: UUID
    party_id: UUID
    name: str
    before: tuple[Happens, ...]
    after: tuple[Happens, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """A change of policy, looked at on the local dates [start, until). `concerned` of `members` memberships; the first
    of them in `different`. `posting` are the open batches that post by themselves, before and after, `late_fees` how
    many fees come on what homes owe now, should nobody pay."""

    start: date
    until: date
    currency: str
    members: int
    concerned: int
    before: Totals
    after: Totals
    different: tuple[Different, ...]
    posting: tuple[int, int]
    late_fees: tuple[int, int]

    @property
    def nothing(self) -> bool:
        """Whether it alters nothing on these days."""
        pairs = (self.posting, self.late_fees)
        return not self.concerned and all(before == after for before, after in pairs)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything is read as it stands at one moment, whatever is done meanwhile; that nothing is written is the
    database's to see to. Inside a transaction that is already open, as that one reads."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@_one_moment()
def impact(
    desk: Desk,
    changes: Mapping[str, Value | None],
    *,
    scope: Scope = WHOLE,
    days: int = DAYS,
    listed: int = LISTED,
) -> Impact:
    """What policies (None: unset) of the organization, or of one plan, member or membership, would alter in so many
    days from now for those whom the scope is about. Refused as `considered` where the scope is one of these, else as
    `checked`."""
    before = policies_of(desk.organization)
    proposed = {key: None if value is None else checked(key, value) for key, value in changes.items()}
    if scope.kind != "organization":
        considered(desk.organization, before, proposed, scope)
    rest = {key: value for key, value in proposed.items() if (scope.kind, key) not in COLUMNS}
    after = before.changed(rest, scope=scope.kind, scope_id=scope.id)
    start, until = desk.today, desk.today + timedelta(days=days)
    readings = read(desk.organization)
    only = _asked(desk.organization, scope)
    is_ = _Course(desk, before, until, readings, only=only)
    will_be = _Course(desk, after, until, readings, _interval_at(scope, proposed), only)
    totals: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    different: list[Different] = []
    concerned = 0
    others = {one.membership_id: one for one in will_be.members}
    for member in sorted(is_.members, key=lambda one: one.number):
        old, new = is_.of(member), will_be.of(others[member.membership_id])
        own = member.standing.candidate.currency == desk.organization.currency
        _add(totals[0], old, own=own)
        _add(totals[1], new, own=own)
        if old == new:
            continue
        concerned += 1
        if len(different) < listed:
            kept, made = Counter(old), Counter(new)
            different.append(
                Different(
                    member.membership_id,
                    member.party_id,
                    member.name,
                    tuple(sorted((kept - made).elements())),
                    tuple(sorted((made - kept).elements())),
                )
            )
    batches = len(unposted(desk.organization.id))
    posting = tuple(batches if one.word("batch.post") == "auto" else 0 for one in (before, after))
    return Impact(
        start, until, desk.organization.currency, len(is_.members), concerned,
        Totals(**totals[0]), Totals(**totals[1]), tuple(different), (posting[0], posting[1]),
        _late_fees(desk, after, "late_fee" in rest, until),
    )  # fmt: skip


def _late_fees(desk: Desk, after: Policies, changed: bool, until: date) -> tuple[int, int]:
    """How many late fees come through a day by the present policies and by the proposed ones, which count from today
    where that is what changes."""
    organization, today = desk.organization, desk.today
    before = late_fee_now(organization)
    proposed = late_fee_of(after, organization.currency, today) if changed else before
    spared = waited_for(organization.id, today) if before or proposed else []
    is_, will_be = (
        count_late(organization.id, organization.currency, fee, on=until, spared=spared) if fee else 0
        for fee in (before, proposed)
    )
    return is_, will_be


@_one_moment()
def foretold(desk: Desk, policies: Policies, *, days: int = DAYS) -> dict[UUID, tuple[Happens, ...]]:
    """What happens by these policies to each membership in so many days from now."""
    return {member.membership_id: happened for member, happened in _courses(desk, policies, days)}


@_one_moment()
def courses(desk: Desk, policies: Policies, *, days: int) -> list[tuple[Member, tuple[Happens, ...]]]:
    """As `foretold`, each with the membership as it stands."""
    return list(_courses(desk, policies, days))


def _courses(desk: Desk, policies: Policies, days: int) -> Iterator[tuple[Member, tuple[Happens, ...]]]:
    course = _Course(desk, policies, desk.today + timedelta(days=days), read(desk.organization))
    return ((member, course.of(member)) for member in course.members)


def decided_today(desk: Desk, membership_id: UUID) -> Billed | Skipped | None:
    """What a renewal run would decide on a membership today; None for one that no run looks at."""
    organization, policies = desk.organization, policies_of(desk.organization)
    plans = dict(plan_facts(organization.id))
    rules = _rules_of(desk, policies, plans)
    basis = RunBasis(
        rules, plans, policies, "", earlier_terms(policies), discounts_of(organization.id, PLAN_NEXT)
    )
    found = candidates_by_id([membership_id], basis).get(membership_id)
    return None if found is None else decide(found.candidate, rules)


def _rules_of(desk: Desk, policies: Policies, plans: Mapping[UUID, PlanFacts]) -> RunRules:
    return RunRules(
        effective_on=desk.today,
        bill_on=desk.today,
        autopay_only=False,
        types=None,
        term_rules=term_rules(policies),
        include_new=True,
        plan_term_rules=plan_term_rules(policies, plans),
    )


def _asked(organization: Organization, scope: Scope) -> frozenset[UUID] | None:
    """The memberships that a policy at a scope can concern, None for all of them; a plan's are those that are on it, or
    will be from their next renewal."""
    about = {
        "plan": Q(plan_id=scope.id) | Q(next_plan_id=scope.id),
        "customer": Q(party_id=scope.id),
        "subscription": Q(id=scope.id),
    }
    if scope.kind not in about:
        return None
    found = Membership.objects.filter(about[scope.kind], organization=organization).exclude(state="ended")
    return frozenset(found.values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class _Interval:
    """An interval in months (None: that of the next level) proposed for one plan, member or membership. It is read from
    their own rows for everybody at once, so it is put in their place here."""

    scope: Scope
    months: int | None


def _interval_at(scope: Scope, proposed: Mapping[str, Value | None]) -> _Interval | None:
    if scope.kind == "organization" or _MONTHS not in proposed:
        return None
    months = proposed[_MONTHS]
    return _Interval(scope, months if isinstance(months, int) and months else None)


def _add(totals: Counter[str], happened: Iterable[Happens], *, own: bool) -> None:
    for one in happened:
        if one.kind == "bill":
            totals["bills"] += 1
            totals["billed_minor"] += one.amount_minor if own else 0
        elif one.kind == "charge" and one.what == "succeeded":
            totals["charges"] += 1
            totals["charged_minor"] += one.amount_minor if own else 0
        elif one.kind == "charge":
            totals["declined"] += 1
        else:
            totals[f"{one.kind}s"] += 1


def _at_interval(member: Member, proposed: _Interval, plan: PlanFacts, policies: Policies) -> Member:
    """A membership with the interval that it would have."""
    if proposed.scope.kind == "subscription":
        own = policies.settings.get(("customer", str(member.party_id), _MONTHS))
        subscription, customer = proposed.months, own if isinstance(own, int) else None
    else:
        row = Membership.objects.filter(id=member.membership_id)
        subscription, customer = row.values_list("override_months", flat=True).get(), proposed.months
    interval, _ = interval_of(plan, policies, subscription=subscription, customer=customer)
    candidate = replace(member.standing.candidate, interval=interval)
    return replace(member, standing=replace(member.standing, candidate=candidate))


class _Course:
    """The coming days by one set of policies. Who stands alike goes alike, and is looked at once."""

    def __init__(
        self,
        desk: Desk,
        policies: Policies,
        until: date,
        readings: Readings,
        interval: _Interval | None = None,
        only: frozenset[UUID] | None = None,
    ) -> None:
        organization, self._now, self._until = desk.organization, desk.clock.now(), until
        self._policies, self._zone, self._today = policies, organization.zone, desk.today
        plans = dict(plan_facts(organization.id))
        if interval and interval.scope.kind == "plan" and interval.scope.id in plans:
            plans[interval.scope.id] = replace(plans[interval.scope.id], override_months=interval.months)
        self._rules = _rules_of(desk, policies, plans)
        self._schedules = Schedules(policies, self._zone)
        basis = RunBasis(
            self._rules,
            plans,
            policies,
            "",
            earlier_terms(policies),
            discounts_of(organization.id, PLAN_NEXT),
        )
        self.members = members_of(organization, basis, readings, only)
        if interval and interval.scope.kind in ("customer", "subscription"):
            self.members = [
                _at_interval(member, interval, plans[member.standing.candidate.plan_id], policies)
                for member in self.members
            ]
        self._own = {of for _, of, _ in policies.settings if of}
        self._ways = cache(self._made_ways)
        self._slot = cache(lambda plan_id: slot_of(policies.within(plan=plan_id), self._zone))
        self._alike: dict[tuple[object, ...], tuple[Happens, ...]] = {}

    def of(self, member: Member) -> tuple[Happens, ...]:
        """What happens to a membership."""
        own = ("", "")
        if self._own:
            own = self._named(member.membership_id), self._named(member.party_id)
        ways = self._ways(member.plan_id, *own)
        at = self._slot(member.plan_id).time_of(member.number)
        standing = member.standing
        if standing.owed or 0 in ways.schedule.offsets[1:]:
            timed = replace(ways, schedule=replace(ways.schedule, billing_at=at))
            return forecast(standing, timed, self._now, self._until)
        # Of one who owes nothing only the order of a day's work matters, not the minute; and not which card it is.
        early, method, saved_at = at < FOLLOW_UP_AT, standing.method, standing.saved_at
        due = standing.next_bill_on
        if method is not None and due is not None and due > self._today:
            method, saved_at = Instrument("", method.expires, "", method.kind), _LONG_AGO
        key = (  # candidates and ways are shared by those who have the same, so it is enough which ones they are
            id(standing.candidate), due, standing.unpaid_since, method, saved_at, standing.fails,
            standing.credit_minor, standing.has_address, id(ways), early,
        )  # fmt: skip
        found = self._alike.get(key)
        if found is None:
            alike = replace(standing, method=method, saved_at=saved_at)
            timed = replace(ways, schedule=replace(ways.schedule, billing_at=_EARLY if early else _LATE))
            found = self._alike[key] = forecast(alike, timed, self._now, self._until)
        return found

    def _named(self, id_: UUID) -> str:
        """The id of one who has a policy of their own, "" of all others."""
        text = str(id_)
        return text if text in self._own else ""

    def _made_ways(self, plan_id: UUID, membership: str, party: str) -> Ways:
        within = self._policies.within(plan=plan_id, subscription=membership, customer=party)
        nobody = UUID(int=0)
        ladder = ladder_of(
            self._policies,
            self._zone,
            membership_id=UUID(membership) if membership else nobody,
            plan_id=plan_id,
            party_id=UUID(party) if party else nobody,
        )
        return Ways(
            bills=self._policies.word("billing.trigger") == "auto",
            rules=self._rules,
            schedule=self._schedules.of(plan_id, 0),
            retry=retry_policy(self._policies),
            arrears=self._policies.word("collect.arrears"),
            ladder=ladder,
            catch_up=cast("CatchUp", self._policies.word("dunning.catch_up")),
            past_due_at=past_due_at(within),
            labels=self._policies.word("status.labels"),
            grace_months=self._policies.number("status.grace_months"),
            pays_by_credit=self._policies.word("credit.apply") == "auto",
            follow_up_at=FOLLOW_UP_AT,
            notice_days=days_before(within),
            card_days=within.number("card.notice_days"),
            tells_failures=within.word("dunning.on_failure") == "mail",
        )
