"""When a term begins and ends: fixed for everybody (annual) or counted from each member's own date."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import (
    Interval,
    Period,
    Unit,
    add_months,
    first_of_month,
    first_of_next_month,
    fixed_period,
    next_fixed_start,
    nth_period,
    period_containing,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TermRules:
    """The organization's policies about terms.

    `first_month` is the fiscal year's, 1 to 12, or 0 when it is left open (G-21). `advance_as_of` is the day
    of the month, 0 to 28, from which a new member starts with the next month; None switches that off (G-26).
    Raises `Refused`: `first_month_invalid`, `advance_as_of_invalid`.
    """

    basis: Literal["annual", "anniversary"]
    first_month: int
    new_from: Literal["first_of_month", "join_date"]
    advance_as_of: int | None
    standard: Interval

    def __post_init__(self) -> None:
        _check_first_month(self.first_month)
        if self.advance_as_of is not None and not 0 <= self.advance_as_of <= 28:
            raise Refused(
                "advance_as_of_invalid",
                "The day from which a start moves to the next month is a number from 0 to 28.",
                field="advance_as_of",
                value=self.advance_as_of,
                fix="Use 0 or 1 to start always with the next month, or switch it off.",
            )


def effective_interval(
    plan: Interval,
    *,
    subscription: int | None = None,
    product: int | None = None,
    customer: int | None = None,
    standard: int | None = None,
) -> tuple[Interval, str]:
    """The billing interval that holds and where it came from (G-06 to G-09): the most specific override in
    months, of subscription, product, customer, then standard; else the plan's own. None and 0 mean unset."""
    overrides = (
        ("subscription", subscription),
        ("product", product),
        ("customer", customer),
        ("standard", standard),
    )
    for source, months in overrides:
        if months:
            return Interval(months, Unit.MONTH), source
    return plan, "plan"


def new_member_start(rules: TermRules, joined_on: date) -> date:
    """The first day of a new member's term (G-25 to G-29): moved to the next month from the advance day on,
    else to the first of the joining month, else the join date itself."""
    if rules.advance_as_of is not None:
        if rules.advance_as_of <= 1 or joined_on.day >= rules.advance_as_of:
            return first_of_next_month(joined_on)
        return first_of_month(joined_on)
    return first_of_month(joined_on) if rules.new_from == "first_of_month" else joined_on


def first_term(rules: TermRules, joined_on: date, interval: Interval) -> Period:
    """The first term of a new member.

    Annual: from the member's start to the end of the fixed term that it lies in (G-17); a whole interval
    where no fiscal year is set, or the interval is counted in days or weeks. Anniversary: a whole interval
    from the start (G-22).
    """
    start = new_member_start(rules, joined_on)
    if rules.basis == "annual" and rules.first_month and interval.months is not None:
        return Period(start, fixed_period(start, rules.first_month, interval.months).end)
    return nth_period(start, interval, 0)


def renewal_term(
    rules: TermRules,
    effective_on: date,
    renewed_through: date | None,
    anchor_on: date | None,
    interval: Interval,
) -> Period:
    """The next term of a member who renews.

    Annual: a whole interval from the effective date (I-10). Anniversary: from the day after `renewed_through`
    (an inclusive last day). While it starts on the anchor's grid, it ends there: 31 Jan, 28 Feb, 31 Mar.
    A member never billed starts on the anchor, or, when that is past, with the period of the anchor's grid
    that the effective date lies in; without an anchor, on the effective date (G-23).
    """
    if rules.basis == "annual":
        return nth_period(effective_on, interval, 0)
    if anchor_on is None:
        return nth_period(effective_on if renewed_through is None else renewed_through + _DAY, interval, 0)
    if renewed_through is None:
        return period_containing(anchor_on, interval, max(anchor_on, effective_on))[1]
    start = renewed_through + _DAY
    period = period_containing(anchor_on, interval, start)[1]
    return period if period.start == start else nth_period(start, interval, 0)


def covered_until(renewed_through: date | None, next_bill_on: date | None) -> date | None:
    """The last day (inclusive) before the next term: that of the last term, or the day before a renewal date that staff
    set later than that (P-11, P-14). The days between are covered by no term."""
    if renewed_through is None or next_bill_on is None:
        return renewed_through
    return max(renewed_through, next_bill_on - _DAY)


@dataclass(frozen=True, slots=True)
class LatePayment:
    """When a renewed term that is paid late begins again (G-31 to G-33): after `grace_months`, from the day
    `next_month_from` of the month on with the next month; or, with `at_payment`, on the day of the payment."""

    grace_months: int = 0
    next_month_from: int = 0
    at_payment: bool = False


def term_after_late_payment(
    late: LatePayment, start: date, paid_on: date, interval: Interval
) -> Period | None:
    """The term that takes the place of the one from `start`, when it is paid in full on `paid_on`; None when that is in
    time: up to and with the day that lies the months of grace after `start` (A2-3).

    With two or more months of grace the new term begins on the first of the month of the payment, or of the next
    month from the given day on; with none or one always on the first of the next month (G-32, A2-2).
    """
    if late.at_payment:
        return nth_period(paid_on, interval, 0) if paid_on > start else None
    if paid_on <= add_months(start, late.grace_months):
        return None
    moves_on = late.grace_months <= 1 or paid_on.day >= late.next_month_from
    return nth_period(first_of_next_month(paid_on) if moves_on else first_of_month(paid_on), interval, 0)


def effective_date(first_month: int, bill_on: date) -> date | None:
    """The effective date that a run proposes: the next start of the fiscal year on or after the bill date
    (G-20), or None when `first_month` is 0 and a person has to say it (G-21).
    Raises `Refused('first_month_invalid')`."""
    _check_first_month(first_month)
    return next_fixed_start(bill_on, first_month) if first_month else None


def _check_first_month(first_month: int) -> None:
    if not 0 <= first_month <= 12:
        raise Refused(
            "first_month_invalid",
            "The first month of the fiscal year is a number from 1 to 12.",
            field="first_month",
            value=first_month,
            fix="Use 1 for January, 7 for July; 0 leaves it open.",
        )
