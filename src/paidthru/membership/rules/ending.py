"""When a canceled membership is over, what of it is still billed, and what is taken back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, period_containing
from paidthru.membership.rules.changing import Cover

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EndPolicy:
    """What an organization decided about cancellations: `effective` end_of_cycle, on_date or immediate; `then` end or
    downgrade; `credits`: what was billed and not paid is credited (X8). `may_choose`: whoever cancels may give the day,
    as staff always may."""

    effective: str
    then: str
    credits: bool
    may_choose: bool


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A cancellation, decided and not written. From `on` on (a local date) the membership is over, `at_once` if that is
    now; `into` says what then comes: end or downgrade. `bills_on`: terms that begin before `on` are still billed.
    `withdrawn` are the billed terms of which nothing is paid and that will not be."""

    on: date
    at_once: bool
    into: str
    bills_on: bool
    withdrawn: tuple[Cover, ...]

    @property
    def last_day(self) -> date:
        """The last day of the membership, inclusive."""
        return self.on - _DAY


def decide_cancellation(
    covers: Sequence[Cover], policy: EndPolicy, *, today: date, wanted: date | None = None
) -> Cancellation:
    """The cancellation of a membership with these terms on the local date `today`, on the day `wanted` if one is given.

    A cycle ends where the paid terms do, or the one that today lies in (C-44); without any, now. Under `on_date`
    nothing is billed any more, even before a later day (P-17); where cycles end a cancellation, a later day that staff
    gave lets those until then be billed. Refused `past_date`, `cancel_date_fixed`.
    """
    if wanted is not None:
        _refuse_date(wanted, policy, today)
    unpaid = [cover for cover in covers if cover.unpaid]
    kept = [cover for cover in covers if not cover.unpaid]
    if not policy.credits:
        kept += [cover for cover in unpaid if cover.start <= today < cover.end]
    cycle_end = max([cover.end for cover in kept], default=today)
    if wanted is not None:
        on = wanted
    elif policy.effective == "immediate":
        on = today
    else:
        on = max(cycle_end, today)
    withdrawn = [cover for cover in unpaid if policy.credits or cover.start >= max(on, today)]
    return Cancellation(
        on, on <= today, policy.then, policy.effective != "on_date" and on > cycle_end, tuple(withdrawn)
    )


def _refuse_date(wanted: date, policy: EndPolicy, today: date) -> None:
    if wanted < today:
        raise Refused(
            "past_date",
            f"{wanted.isoformat()} is over: a membership can't end before today.",
            field="on",
            value=wanted.isoformat(),
            fix="Choose today or a later day.",
        )
    if not policy.may_choose:
        raise Refused(
            "cancel_date_fixed",
            "The day on which a cancellation takes effect can't be chosen here.",
            field="on",
            value=wanted.isoformat(),
            fix="Cancel without a day, or ask the organization to do it.",
        )


def next_bill_after(renewed_through: date | None, anchor_on: date, interval: Interval, today: date) -> date:
    """When a membership bills next that goes on after all: on the day after what is billed; where that is over, on the
    first of its renewal days from today on, so that nothing is charged for the days between (A2-1)."""
    due = renewed_through + _DAY if renewed_through else anchor_on
    if due >= today:
        return due
    period = period_containing(anchor_on, interval, today)[1]
    return period.start if period.start == today else period.end
