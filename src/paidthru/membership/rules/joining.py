"""What joining means: which first term, whether it is billed now, later or not at all, and what it costs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period, nth_period
from paidthru.membership.rules.pricing import PricedLine, Proration, price_term, proration
from paidthru.membership.rules.settings import PlanFacts, term_rules
from paidthru.membership.rules.terms import first_term
from paidthru.organizations.rules.policies import Policies

WITHOUT_TERMS = ("free", "pay_as_you_go")


@dataclass(frozen=True, slots=True)
class FirstTerm:
    """A new member's first term, decided and not written.

    `billing`: never (the plan has no terms), paid (the cycle counts as paid, C-12), later (on the term's first day,
    C-10), trial (in the same way, after days that cost nothing: `period` follows them), or now. `lines` are what it
    costs when it is billed; the other two cost nothing.
    """

    period: Period
    billing: Literal["never", "paid", "later", "trial", "now"]
    lines: tuple[PricedLine, ...] = ()


def told_of_first_term(first: FirstTerm) -> dict[str, str]:
    """The first term as facts of the mail to whoever has just joined: the sentence's key, and its dates (ISO)."""
    known = {"never": "term_never", "paid": "term_paid", "later": "term_later", "trial": "term_trial"}
    return {
        "term_as": known.get(first.billing, "term_first"),
        "term_starts": first.period.start.isoformat(),
        "term_through": first.period.through.isoformat(),
    }


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
    policies = policies.within(plan=plan.id)
    rules = term_rules(policies)
    period = first_term(rules, starting_on or today, interval)
    if plan.kind in WITHOUT_TERMS:
        return FirstTerm(period, "never")
    if current_cycle_paid:
        return FirstTerm(period, "paid")
    if plan.trial_days and plan.kind == "subscription":
        after = max(starting_on or today, today) + timedelta(days=plan.trial_days)
        tried = nth_period(after, interval, 0)
        return FirstTerm(tried, "trial", priced(plan, tried, interval, None))
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
