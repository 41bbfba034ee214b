"""Where a membership from before Paidthru stands (C-10, C-50, C-51)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.existing import Existing, standing
from paidthru.membership.rules.terms import TermRules, renewal_term

TODAY = date(2026, 11, 22)
YEAR, MONTH = Interval(1, Unit.YEAR), Interval(1, Unit.MONTH)
RULES = TermRules("anniversary", 1, "join_date", None, YEAR)
DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("known", "term", "anchor"),
    [
        (Existing(date(2012, 8, 31), date(2027, 8, 30)), ("2026-08-31", "2027-08-31"), "2012-08-31"),
        (Existing(date(2020, 2, 29), date(2027, 2, 27)), ("2026-02-28", "2027-02-28"), "2020-02-29"),
        (Existing(date(2012, 5, 5), date(2026, 12, 31)), ("2026-01-01", "2027-01-01"), "2027-01-01"),
        (Existing(date(2026, 11, 5), date(2026, 12, 31)), ("2026-11-05", "2027-01-01"), "2027-01-01"),
        (Existing(None, date(2026, 12, 30)), ("2025-12-31", "2026-12-31"), "2026-12-31"),
        (Existing(None, date(2026, 12, 31), date(2026, 7, 1)), ("2026-07-01", "2027-01-01"), "2027-01-01"),
        (Existing(None, None, date(2026, 3, 1)), ("2026-03-01", "2027-03-01"), "2026-03-01"),
    ],
)
def test_the_paid_term_and_the_anchor_follow_from_the_dates(
    known: Existing, term: tuple[str, str], anchor: str
) -> None:
    stands = standing(known, YEAR, "subscription", today=TODAY)
    assert stands.term is not None
    assert (stands.term.start.isoformat(), stands.term.end.isoformat()) == term
    assert stands.anchor_on.isoformat() == anchor
    assert (stands.through, stands.next_bill_on) == (stands.term.through, stands.term.end)


@pytest.mark.parametrize(
    ("status", "through", "state", "bills", "cancel_on", "unpaid"),
    [
        ("active", "2027-01-31", "active", True, None, None),
        (None, "2026-01-31", "active", True, None, None),
        ("overdue", "2026-01-31", "active", True, None, "2026-02-01"),
        ("overdue", "2027-01-31", "active", True, None, None),
        ("lapsed", "2026-01-31", "active", False, None, None),
        ("suspended", "2027-01-31", "active", False, None, None),
        ("pending", None, "pending", False, None, None),
        ("canceled", "2026-01-31", "ended", False, "2026-02-01", None),
        ("canceled", "2027-01-31", "ending", False, "2027-02-01", None),
        ("canceled", None, "ended", False, "2026-11-22", None),
        ("ending", "2027-01-31", "ending", False, "2027-02-01", None),
        ("active", None, "active", False, None, None),
    ],
)
def test_the_word_of_the_roster_makes_the_state(
    status: str | None,
    through: str | None,
    state: str,
    bills: bool,
    cancel_on: str | None,
    unpaid: str | None,
) -> None:
    known = Existing(date(2020, 2, 1), date.fromisoformat(through) if through else None, None, status)
    stands = standing(known, YEAR, "subscription", today=TODAY)
    assert (stands.state, stands.next_bill_on is not None) == (state, bills)
    assert (stands.cancel_on, stands.unpaid_since) == (
        date.fromisoformat(cancel_on) if cancel_on else None,
        date.fromisoformat(unpaid) if unpaid else None,
    )


def test_only_a_subscription_bills_by_itself() -> None:
    known = Existing(date(2020, 2, 1), date(2027, 1, 31))
    for kind in ("free", "prepaid", "pay_as_you_go", "non_recurring"):
        assert standing(known, YEAR, kind, today=TODAY).next_bill_on is None


def test_a_cycle_to_come_waits_and_one_for_a_canceled_member_does_not() -> None:
    ahead = date(2027, 3, 1)
    stands = standing(Existing(cycle_started_on=ahead), YEAR, "subscription", today=TODAY)
    assert (stands.state, stands.term, stands.next_bill_on, stands.anchor_on) == (
        "pending",
        None,
        ahead,
        ahead,
    )
    gone = standing(Existing(cycle_started_on=ahead, status="canceled"), YEAR, "subscription", today=TODAY)
    assert (gone.state, gone.next_bill_on) == ("ended", None)


@given(
    st.none() | DAYS, DAYS, st.sampled_from([YEAR, MONTH, Interval(3, Unit.MONTH), Interval(2, Unit.WEEK)])
)
def test_the_next_term_starts_the_day_after_whatever_the_dates(
    joined: date | None, through: date, interval: Interval
) -> None:
    stands = standing(Existing(joined, through), interval, "subscription", today=TODAY)
    assert stands.term is not None
    assert stands.term.start < stands.term.end == through + timedelta(days=1)
    following = renewal_term(RULES, stands.term.end, stands.through, stands.anchor_on, interval)
    assert following.start == stands.term.end == stands.next_bill_on
