"""An outage is calm: what should have happened meanwhile, day by day, and doing it once (A-51).

The worker catches up by itself as soon as it is back, for all that is due lives in the tables. What is listed here is
what it would do now: every missed term in its order, each unpaid invoice tried once, of a case's mails the latest.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from paidthru.dunning.queries import cases_of
from paidthru.dunning.rules.ladder import CatchUp, decide, ladder_from
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import nth_period
from paidthru.membership.queries import plan_facts
from paidthru.membership.queries.calendar import DueTerms, due_terms
from paidthru.membership.rules.joining import priced
from paidthru.membership.rules.pricing import after_a_term
from paidthru.membership.rules.settings import PlanFacts, discounted, interval_of, untaxed
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries.retrying import Schedules
from paidthru.runs.clockwork import work
from paidthru.runs.coming_steps import coming_steps
from paidthru.runs.desk import Desk
from paidthru.runs.sending import collect_unsent
from paidthru.runs.trying import tries_by_now
from paidthru.runs.watching import KINDS, billed_by, closed_on, followed_by, overdue, postable

CASES = 10_000  # that the list looks at; there is no such bound on what is done
ROUNDS = 5  # what one round brings about, such as a first failure, the next one does


@dataclass(frozen=True, slots=True)
class Missed:
    """A kind of work (watching.KINDS) that should have been done on a local date: how often, and of how much money
    (minor units of a currency), where it is about some."""

    on: date
    kind: str
    count: int
    amount_minor: int | None = None
    currency: str = ""
    note: Literal["", "withheld"] = ""  # withheld: done without their mails, for a later one says the same


def missed(desk: Desk) -> list[Missed]:
    """What should have happened and has not, by day, in the order in which it is done; writes nothing.

    Terms are priced as of today, also those that follow each other; a term that would make a later try needless isn't
    known before it is tried.
    """
    policies = policies_of(desk.organization)
    found = [
        *(_terms(desk, policies) if policies.word("billing.trigger") == "auto" else ()),
        *_tries(desk, policies),
        *_steps(desk, policies),
        *_batches(desk, policies),
    ]
    told = {one.kind for one in found}
    zone = desk.organization.zone
    found += [
        Missed(local_date(one.since, zone), one.kind, one.count)
        for one in overdue(desk)
        if one.kind not in told and one.kind not in ("terms", "tries", "dunning", "batches")
    ]
    order = list(KINDS)
    return sorted(found, key=lambda one: (one.on, order.index(one.kind), one.currency))


def catch_up(desk: Desk, *, send: Callable[[Desk], object] = collect_unsent) -> None:
    """Does everything that is due, also where the worker is switched off; again, it finds nothing."""
    for _ in range(ROUNDS):
        work(desk, send=send, though_stopped=True)
        if not overdue(desk):
            return


def terms_due(desk: Desk) -> list[Missed]:
    """The terms that the calendar would bill at once if it billed, by the day on which they began."""
    return sorted(_terms(desk, policies_of(desk.organization)), key=lambda one: (one.on, one.currency))


def _terms(desk: Desk, policies: Policies) -> Iterator[Missed]:
    by = billed_by(desk, policies)
    plans = plan_facts(desk.organization.id)
    sums: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for group in due_terms(desk.organization.id, by=by, at=desk.clock.now()):
        plan = discounted(plans[group.plan_id], group.discounts)
        plan = untaxed(plan) if group.exempt else plan
        for on, amount_minor in _each(group, plan, policies, by):
            counted = sums[on, plan.currency]
            counted[0] += group.count
            counted[1] += group.count * amount_minor
    for (on, currency), (count, amount_minor) in sums.items():
        yield Missed(on, "terms", count, amount_minor, currency)


def _each(group: DueTerms, plan: PlanFacts, policies: Policies, by: date) -> Iterator[tuple[date, int]]:
    """The dates of the terms that begin up to a local date, and the amount of each."""
    interval, _ = interval_of(
        plan, policies, subscription=group.override_months, customer=group.customer_months
    )
    n, has_price = 0, any(fee.primary for fee in plan.fees)
    while has_price and (period := nth_period(group.next_on, interval, n)).start <= by:
        if group.cancel_on is not None and group.cancel_on <= period.start:
            return
        yield period.start, sum(line.amount_minor for line in priced(plan, period, interval, None))
        plan = replace(plan, fees=after_a_term(plan.fees, period.start))
        n += 1


def _tries(desk: Desk, policies: Policies) -> Iterator[Missed]:
    zone, now = desk.organization.zone, desk.clock.now()
    sums: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for page in tries_by_now(desk, policies, Schedules(policies, zone)):
        for row, plan in page:
            if plan is not None and plan.at <= now:
                counted = sums[local_date(plan.at, zone), row.one.currency]
                counted[0] += 1
                counted[1] += row.one.balance_minor
    for (on, currency), (count, amount_minor) in sums.items():
        yield Missed(on, "tries", count, amount_minor, currency)


def _steps(desk: Desk, policies: Policies) -> Iterator[Missed]:
    by, catch_up_ = followed_by(desk), cast("CatchUp", policies.word("dunning.catch_up"))
    cases = list(cases_of(desk.organization.id).filter(state="open", next_on__lte=by)[:CASES])
    coming = coming_steps(desk, cases)  # with what comes when nothing more is tried
    steps: Counter[date] = Counter()
    withheld: Counter[date] = Counter()
    for case in cases:
        for act in decide(ladder_from(case.ladder), coming[case.id].facts, by, catch_up_, today=desk.today):
            steps[act.due_on] += 1
            withheld[act.due_on] += bool(act.withheld)
    for on, count in steps.items():
        yield Missed(on, "dunning", count)
        if withheld[on]:
            yield Missed(on, "dunning", withheld[on], note="withheld")


def _batches(desk: Desk, policies: Policies) -> Iterator[Missed]:
    days: dict[date, int] = defaultdict(int)
    for batch in postable(desk.organization, policies, dated_by=closed_on(desk)):
        days[batch.dated_on] += 1
    for on, count in days.items():
        yield Missed(on, "batches", count)
