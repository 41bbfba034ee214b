"""What changing to another plan means: when it takes effect, what is billed for it, what is credited (X15). Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from paidthru.kernel.periods import Interval, Period, fixed_period, nth_period
from paidthru.membership.rules.joining import WITHOUT_TERMS, priced
from paidthru.membership.rules.pricing import PricedLine, proration
from paidthru.membership.rules.settings import PlanFacts, term_rules
from paidthru.organizations.rules.policies import Policies

When = Literal["now", "at_once", "next_renewal", "undone"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The membership that is to be switched: its plan, the one chosen for its next renewal (None: none), and whether
    what is paid or billed still covers today."""

    plan: PlanFacts
    chosen: PlanFacts | None
    covered: bool


def when_switched(standing: Standing, to: PlanFacts, policies: Policies, *, by_member: bool) -> When:
    """When a change of plan takes effect.

    `now`: the old membership ends and the new one begins and is billed today. `next_renewal`: the next term is billed
    by the new plan, and until then nothing changes (P-27). `at_once`: the plan changes today and nothing is billed for
    it: a non-recurring plan that staff choose (P-24), and where there is no renewal to wait for. `undone`: what was
    chosen for the next renewal is taken back.
    """
    if to.id == standing.plan.id:
        return "undone"
    key = "switch.effective.member" if by_member else "switch.effective.staff"
    if not by_member and to.kind == "non_recurring":
        return "at_once"
    if policies.within(plan=to.id).word(key) == "now":
        return "now"
    return "next_renewal" if standing.covered else "at_once"


def credits_unused(to: PlanFacts, policies: Policies) -> bool:
    """Whether what was paid for the days that the switch takes away becomes credit (P-31, X15)."""
    return policies.within(plan=to.id).word("switch.credit") == "unused_time"


def first_term_of(
    to: PlanFacts, interval: Interval, policies: Policies, today: date
) -> tuple[Period, tuple[PricedLine, ...]] | None:
    """The first term of a plan that is switched to now, and its lines; None for a plan without terms.

    It starts today: the whole interval, or up to the end of the fixed term, priced by the proration for joining. What
    was paid for the old plan is no part of the price (P-31). Refused `no_price`.
    """
    if to.kind in WITHOUT_TERMS:
        return None
    rules = term_rules(policies.within(plan=to.id))
    if rules.basis == "annual" and rules.first_month and interval.months is not None:
        period = Period(today, fixed_period(today, rules.first_month, interval.months).end)
    else:
        period = nth_period(today, interval, 0)
    kind = to.prorate or policies.within(plan=to.id).word("proration.join")
    share = proration(rules, kind, to.factors or None)  # type: ignore[arg-type]
    return period, priced(to, period, interval, share)
