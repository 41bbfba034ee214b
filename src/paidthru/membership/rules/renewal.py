"""Whom a renewal run bills, for which term and how much; and why it leaves the others out.

`decide` is called once for every membership of an organization, so what many members share (the priced lines
of a term) is computed once and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal
from uuid import UUID

from paidthru.kernel.money import check_minor, plain
from paidthru.kernel.periods import Interval, Period
from paidthru.membership.rules.carrying import Carried, previous_balance
from paidthru.membership.rules.pricing import Fee, PricedLine, price_term
from paidthru.membership.rules.terms import TermRules, covered_until, renewal_term

SkipReason = Literal[
    "canceled",
    "free",
    "other_type",
    "never_paid",
    "not_due",
    "already_billed",
    "not_on_autopay",
    "unpaid_terms",
    "no_price",
]

SKIP_REASONS: tuple[SkipReason, ...] = (
    "canceled",
    "free",
    "other_type",
    "never_paid",
    "not_due",
    "already_billed",
    "not_on_autopay",
    "unpaid_terms",
    "no_price",
)
"""The reasons in the order in which they are looked at: the first that holds is given."""

_NEVER_BY_ITSELF = {
    "prepaid": "Prepaid plans do not renew by themselves: a new term is bought or set by staff.",
    "pay_as_you_go": "Pay-as-you-go plans are charged by the visit and have no term to renew.",
    "non_recurring": "Non-recurring plans have no renewal date and are never billed again by themselves.",
}

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A membership as the run sees it. `*_through` are inclusive last days; `cancel_on` is the first day that
    is no longer covered; `fees` are the plan's, in `currency`, for one `plan_interval`. `next_bill_on` is the renewal
    date, which may lie beyond the day after the last term. `previous` is what goes on to the next bill of earlier
    ones; `further_terms`, how many were billed after the first unpaid one, of the `further_most` that may be (None: it
    doesn't matter)."""

    membership_id: UUID
    party_id: UUID
    plan_id: UUID
    lifecycle: str
    plan_kind: str
    customer_type: str
    interval: Interval
    plan_interval: Interval
    anchor_on: date
    joined_on: date | None
    renewed_through: date | None
    paid_through: date | None
    cancel_on: date | None
    autopay: bool
    fees: tuple[Fee, ...]
    currency: str
    next_bill_on: date | None = None
    previous: tuple[Carried, ...] = ()
    further_terms: int = 0
    further_most: int | None = None


@dataclass(frozen=True, slots=True)
class RunRules:
    """What the run was asked to do. `types` are the customer types of its billing cycle, None being all;
    `effective_on` is both the date before which paid-through must lie (I-09) and the first day of annual
    terms (I-10). `include_new` also bills members who were never billed: the calendar does, for memberships
    that begin on a date to come (C-10); a run by staff does not (A2-5). `plan_term_rules` are those of plans that
    decide for themselves."""

    effective_on: date
    bill_on: date
    autopay_only: bool
    types: frozenset[str] | None
    term_rules: TermRules
    include_new: bool = False
    plan_term_rules: Mapping[UUID, TermRules] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Billed:
    """The run bills `[start, end)`: these lines, `total_minor` in all, for the reason in `detail`. The days from
    `gap_on` to the start are billed by nobody, where there are any."""

    start: date
    end: date
    lines: tuple[PricedLine, ...]
    total_minor: int
    detail: str
    gap_on: date | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The run leaves the membership out: one of `SKIP_REASONS`, and a sentence with the dates behind it."""

    reason: SkipReason
    detail: str


def decide(candidate: Candidate, rules: RunRules) -> Billed | Skipped:
    """The run's decision on one membership (I-05 to I-11, I-18, G-39, A2-5): its term and price, or the first
    reason of `SKIP_REASONS` that holds. Renewals are never prorated (G-39)."""
    if candidate.lifecycle == "ended":
        return Skipped("canceled", "The membership has ended.")
    paid, renewed = candidate.paid_through, candidate.renewed_through
    known = paid if renewed is None or (paid is not None and paid > renewed) else renewed
    period = renewal_term(
        rules.plan_term_rules.get(candidate.plan_id, rules.term_rules),
        rules.effective_on,
        covered_until(known, candidate.next_bill_on),
        candidate.anchor_on,
        candidate.interval,
    )
    skipped = _not_this_member(candidate, rules, period) or _not_this_term(candidate, rules, period)
    if skipped is not None:
        return skipped
    if rules.autopay_only and not candidate.autopay:
        return Skipped("not_on_autopay", "The run bills members on autopay only, and this one is not.")
    if candidate.further_most is not None and candidate.further_terms >= candidate.further_most:
        return Skipped("unpaid_terms", _unpaid_terms(candidate.further_terms))
    currency = candidate.currency
    offer = _offer(
        candidate.fees, period.start, period.end, candidate.plan_interval, candidate.interval, currency
    )
    if offer is None:
        return Skipped("no_price", "The plan has no price: give it a primary fee.")
    previous = tuple(previous_balance(one, currency) for one in candidate.previous)
    total_minor = check_minor(offer.total_minor + sum(line.amount_minor for line in previous))
    due = f"{f'Paid through {paid}' if paid else 'Not paid yet'}, due on {rules.effective_on}: {offer.text}"
    if previous:
        left = plain(total_minor - offer.total_minor, currency)
        due += f" {left} {currency} is left of earlier terms."
    gap_on = known + _DAY if known is not None and known + _DAY < period.start else None
    if gap_on is not None:
        due += f" {gap_on} to {period.start - _DAY} is not billed."
    return Billed(period.start, period.end, offer.lines + previous, total_minor, due, gap_on)


def _unpaid_terms(further: int) -> str:
    if not further:
        return "A term is unpaid: no further one is billed."
    return f"{further} terms were billed since the first that is unpaid: no further one is."


def _not_this_member(candidate: Candidate, rules: RunRules, period: Period) -> Skipped | None:
    """Why the membership is none of the run's business: canceled, free, or of another type."""
    cancel_on = candidate.cancel_on
    if candidate.lifecycle == "ending" and (
        candidate.next_bill_on is None or cancel_on is None or cancel_on <= period.start
    ):
        return Skipped("canceled", _canceled(cancel_on, period.start))
    if candidate.plan_kind == "free":
        return Skipped("free", "The plan is free: nothing is billed.")
    if rules.types is not None and candidate.customer_type not in rules.types:
        type_ = candidate.customer_type or "not set"
        return Skipped("other_type", f"The member's type is {type_}; the run bills {_listed(rules.types)}.")
    return None


def _not_this_term(candidate: Candidate, rules: RunRules, period: Period) -> Skipped | None:
    """Why no term is to be billed now: never paid, not due, or billed before."""
    effective_on, paid, renewed = rules.effective_on, candidate.paid_through, candidate.renewed_through
    if paid is None and (renewed is None or renewed < effective_on) and not rules.include_new:
        return Skipped("never_paid", _never_paid(renewed))
    if paid is not None and paid >= effective_on:
        return Skipped("not_due", f"Paid through {paid}, which is not before {effective_on}.")
    if candidate.plan_kind in _NEVER_BY_ITSELF:
        return Skipped("not_due", _NEVER_BY_ITSELF[candidate.plan_kind])
    if renewed is not None and renewed >= effective_on:
        return Skipped(
            "already_billed", f"Already billed through {renewed}, which is not before {effective_on}."
        )
    if period.start > effective_on:  # a new member whose start is still to come
        return Skipped("not_due", f"The first term starts on {period.start}, after {effective_on}.")
    return None


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a term costs, for all the members who share it."""

    lines: tuple[PricedLine, ...]
    total_minor: int
    text: str


@lru_cache(maxsize=8192)
def _offer(
    fees: tuple[Fee, ...], start: date, end: date, plan_interval: Interval, interval: Interval, currency: str
) -> _Offer | None:
    """The lines of a term and their sum, or None when the plan has no primary fee."""
    if not any(fee.primary for fee in fees):
        return None
    period = Period(start, end)
    lines = price_term(fees, period, plan_interval, interval, currency, None)
    total_minor = check_minor(sum(line.amount_minor for line in lines))
    text = f"{plain(total_minor, currency)} {currency} for {start} to {period.through}."
    return _Offer(lines, total_minor, " ".join([text, *_reductions(lines)]))


def _reductions(lines: tuple[PricedLine, ...]) -> list[str]:
    """Why a line costs less than its price, a sentence each, so that whoever reads a preview sees the discount."""
    return [str(line.derivation["text"]) for line in lines if line.derivation["rule"] == "discount"]


def _canceled(cancel_on: date | None, start: date) -> str:
    if cancel_on is None:
        return f"The membership is canceled and ends before {start}."
    return f"The membership is canceled as of {cancel_on}; the next term would start on {start}."


def _never_paid(renewed: date | None) -> str:
    if renewed is None:
        return "Never billed and never paid: a new member joins, and does not renew."
    return f"Billed through {renewed} but never paid: the first term has to be paid before it is renewed."


def _listed(types: frozenset[str]) -> str:
    return ", ".join(sorted(types)) or "no type"
