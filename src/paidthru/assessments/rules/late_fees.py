"""Late fees: one for each period that something stays unpaid after its grace (A-33). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from paidthru.kernel.money import parse_amount
from paidthru.kernel.periods import add_months
from paidthru.organizations.rules.policies import Policies


@dataclass(frozen=True, slots=True)
class LateFee:
    """What is charged once something is unpaid for longer than `grace_days`, in minor units: once, or (`monthly`) every
    month again until all of them come to `cap_minor` (None: one only). Periods that began before `since`, the local
    day on which the organization decided on it, have none: a policy is never retroactive (A3)."""

    amount_minor: int
    grace_days: int
    cap_minor: int | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A late fee: the local date of its period, and its amount in minor units."""

    on: date
    amount_minor: int


def late_fee_of(policies: Policies, currency: str, since: date | None = None) -> LateFee | None:
    """What the organization charges (`late_fee`) since a local date, None where it charges nothing. Refused
    `amount_invalid` when an amount has decimals that the currency lacks."""
    policy = policies.call("late_fee")
    if policy.name == "off":
        return None
    cap = parse_amount(str(policy.args[2]), currency, ".") if policy.name == "monthly" else None
    return LateFee(parse_amount(str(policy.args[0]), currency, "."), policy.number(1), cap, since)


def next_charge(fee: LateFee, due_on: date, charged: Sequence[Charge]) -> Charge | None:
    """The fee that comes next on what was due on a local date, after those that were charged (waived ones count): the
    first on the day after the grace, further ones a month apart, the last what the cap leaves. None: no more comes."""
    first = due_on + timedelta(days=fee.grace_days + 1)
    begins = _months_until(first, fee.since) if fee.since else 0
    if fee.cap_minor is None:
        return None if charged or begins else Charge(first, fee.amount_minor)
    left_minor = fee.cap_minor - sum(one.amount_minor for one in charged)
    if left_minor <= 0:
        return None
    after = max((_months_until(first, one.on) + 1 for one in charged), default=0)
    return Charge(add_months(first, max(after, begins)), min(fee.amount_minor, left_minor))


def _months_until(first: date, on: date) -> int:
    """How many months after `first` the first period begins that doesn't begin before a date."""
    months = max((on.year - first.year) * 12 + on.month - first.month, 0)
    return months + (add_months(first, months) < on)
