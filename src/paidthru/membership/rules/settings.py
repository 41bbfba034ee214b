"""What an organization's policies and a plan's own settings mean for the rules of membership."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.discounts import Discount
from paidthru.membership.rules.pricing import Fee
from paidthru.membership.rules.status import PastDueAt
from paidthru.membership.rules.terms import LatePayment, TermRules, effective_interval
from paidthru.organizations.rules.policies import Policies

_TERMS = ("term.basis", "term.new_from", "term.advance_as_of")


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan as the rules read it. `override_months` is the product level of G-08, `trial_days` the days before a
    new member's first term that cost nothing."""

    id: UUID
    name: str
    kind: str
    currency: str
    interval: Interval
    override_months: int | None
    prorate: str
    factors: tuple[str, ...]
    income_code: str
    fees: tuple[Fee, ...]
    trial_days: int = 0
    fund: str = ""


@lru_cache(maxsize=1024)
def untaxed(plan: PlanFacts) -> PlanFacts:
    """The plan as it is for a payer who bears no tax."""
    return replace(plan, fees=tuple(replace(fee, tax=None) for fee in plan.fees))


@lru_cache(maxsize=1024)
def discounted(plan: PlanFacts, discounts: tuple[Discount, ...]) -> PlanFacts:
    """The plan as it is for a payer with discounts. A gift is not owed, so nothing comes off a voluntary item."""
    fees = tuple(
        replace(
            fee,
            discounts=tuple(
                one
                for one in discounts
                if not fee.voluntary and one.concerns(plan.id, plan.currency, fee.id, primary=fee.primary)
            ),
        )
        for fee in plan.fees
    )
    return replace(plan, fees=fees)


def term_rules(policies: Policies) -> TermRules:
    """The organization's policies on terms, as the rules read them."""
    advance = policies.effective("term.advance_as_of").value
    return TermRules(
        basis="annual" if policies.word("term.basis") == "annual" else "anniversary",
        first_month=policies.number("term.first_month"),
        new_from="first_of_month" if policies.word("term.new_from") == "first_of_month" else "join_date",
        advance_as_of=advance if isinstance(advance, int) else None,
        standard=Interval(policies.number("term.interval_months") or 12, Unit.MONTH),
    )


def plan_term_rules(policies: Policies, plan_ids: Iterable[UUID]) -> dict[UUID, TermRules]:
    """The rules on terms of the plans that decide any of it for themselves."""
    own = {plan for key in _TERMS for plan in policies.differing(key, "plan")}
    return {id_: term_rules(policies.within(plan=id_)) for id_ in plan_ids if str(id_) in own}


def interval_of(
    plan: PlanFacts, policies: Policies, *, subscription: int | None, customer: int | None
) -> tuple[Interval, str]:
    """A member's interval and the level that set it (G-09)."""
    return effective_interval(
        plan.interval,
        subscription=subscription,
        product=plan.override_months,
        customer=customer,
        standard=policies.whole().number("term.interval_months"),
    )


def late_payment(policies: Policies) -> LatePayment | None:
    """What the organization does about terms that are paid late; None when they stay."""
    value = policies.effective("term.late_payment").value
    if isinstance(value, dict):
        months, day = _whole_numbers(value)
        return LatePayment(months, day)
    return LatePayment(at_payment=True) if value == "restart_at_payment" else None


def any_restarts(policies: Policies) -> bool:
    """Whether a term that is paid late begins again for anybody."""
    own = [policies.differing("term.late_payment", scope) for scope in ("subscription", "plan", "customer")]
    values = [
        policies.effective("term.late_payment").value,
        *(value for each in own for value in each.values()),
    ]
    return any(value != "keep_anchor" for value in values)


def past_due_at(policies: Policies) -> PastDueAt:
    """When the organization calls an unpaid membership past due (X6)."""
    value = policies.effective("status.past_due_at").value
    if isinstance(value, dict):
        return "day", _whole_numbers(value)[0]
    return "first_failure" if value == "first_failure" else "never"


def _whole_numbers(call: dict[str, object]) -> tuple[int, ...]:
    """The arguments of a policy's call, which `policies.checked` has let through."""
    arguments = call["args"]
    assert isinstance(arguments, list)
    return tuple(argument for argument in arguments if isinstance(argument, int))
