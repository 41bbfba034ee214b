"""What joining means: which first term, whether it is billed now, later or not at all, and what it costs."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period
from paidthru.membership.rules.pricing import PricedLine, Proration, price_term, proration
from paidthru.membership.rules.settings import PlanFacts, term_rules
from paidthru.membership.rules.terms import first_term
from paidthru.organizations.rules.policies import Policies

WITHOUT_TERMS = ("free", "pay_as_you_go")


@dataclass(frozen=True, slots=True)
class FirstTerm:
    """A new member's first term, decided and not written.

    `billing`: never (the plan has no terms), paid (the cycle counts as paid, C-12), later (on the term's first day,
    C-10), or now. `lines` are what it costs when it is billed; the other two cost nothing.
    """

    period: Period
    billing: Literal["never", "paid", "later", "now"]
    lines: tuple[PricedLine, ...] = ()


def decide_first_term(
    policies: Policies,
    plan: PlanFacts,
    interval: Interval,
    today: date,
    *,
    starting_on: date | None = None,
    current_cycle_paid: bool = False,
    prorated: bool = False,
) -> FirstTerm:
    """The first term of whoever joins on the local date `today`, with `interval` the one that holds for them.

    Refused `no_price` where it would be billed and the plan has none.
    """
    rules = term_rules(policies)
    period = first_term(rules, starting_on or today, interval)
    if plan.kind in WITHOUT_TERMS:
        return FirstTerm(period, "never")
    if current_cycle_paid:
        return FirstTerm(period, "paid")
    by_the_calendar = policies.word("billing.trigger") == "auto" and plan.kind == "subscription"
    if starting_on and period.start > today and by_the_calendar and rules.basis == "anniversary":
        return FirstTerm(period, "later", priced(plan, period, interval, None))
    kind = plan.prorate or policies.word("proration.join")
    if prorated and kind == "none":
        kind = "months"
    share = proration(rules, kind, plan.factors or None)  # type: ignore[arg-type]
    return FirstTerm(period, "now", priced(plan, period, interval, share))


def priced(
    plan: PlanFacts, period: Period, interval: Interval, share: Proration | None
) -> tuple[PricedLine, ...]:
    """The lines of a term of the plan, in minor units of its currency. Refused `no_price`."""
    if not any(fee.primary for fee in plan.fees):
        raise Refused(
            "no_price",
            f"{plan.name} has no price.",
            field="plan",
            value=plan.name,
            fix="Give the plan a price first.",
        )
    return price_term(plan.fees, period, plan.interval, interval, plan.currency, share)
