"""When terms begin and end (G-06 to G-09, G-17 to G-29, I-10)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period, Unit, nth_start
from paidthru.membership.rules.terms import (
    LatePayment,
    TermRules,
    effective_date,
    effective_interval,
    first_term,
    new_member_start,
    renewal_term,
    term_after_late_payment,
)

YEAR = Interval(1, Unit.YEAR)
MONTH = Interval(1, Unit.MONTH)
HALF = Interval(6, Unit.MONTH)
WEEK = Interval(1, Unit.WEEK)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def rules(
    basis: str = "anniversary", first_month: int = 1, new_from: str = "join_date", advance: int | None = None
) -> TermRules:
    return TermRules(basis, first_month, new_from, advance, YEAR)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new_from", "advance", "joined", "start"),
    [
        pytest.param("first_of_month", None, date(2026, 8, 20), date(2026, 8, 1), id="G-25"),
        pytest.param("join_date", None, date(2026, 8, 20), date(2026, 8, 20), id="join-date"),
        pytest.param("first_of_month", 15, date(2026, 8, 15), date(2026, 9, 1), id="G-29-on-the-day"),
        pytest.param("first_of_month", 15, date(2026, 8, 14), date(2026, 8, 1), id="G-29-day-before"),
        pytest.param("first_of_month", 15, date(2026, 12, 31), date(2027, 1, 1), id="G-29-over-new-year"),
        pytest.param("first_of_month", 0, date(2026, 8, 1), date(2026, 9, 1), id="G-28-zero"),
        pytest.param("first_of_month", 1, date(2026, 8, 1), date(2026, 9, 1), id="G-28-one"),
        pytest.param("join_date", 28, date(2026, 8, 27), date(2026, 8, 1), id="G-26-with-join-date"),
    ],
)
def test_where_a_new_member_starts(new_from: str, advance: int | None, joined: date, start: date) -> None:
    """G-25 to G-29."""
    assert new_member_start(rules(new_from=new_from, advance=advance), joined) == start


@pytest.mark.parametrize("advance", [-1, 29])
def test_advance_as_of_takes_0_to_28_only_g27(advance: int) -> None:
    with pytest.raises(Refused) as refused:
        rules(advance=advance)
    assert refused.value.code == "advance_as_of_invalid"


@pytest.mark.parametrize("first_month", [-1, 13])
def test_the_first_month_is_validated_g19(first_month: int) -> None:
    for ask in (
        lambda: rules(first_month=first_month),
        lambda: effective_date(first_month, date(2026, 1, 1)),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "first_month_invalid"


@pytest.mark.parametrize(
    ("first_month", "interval", "joined", "start", "through"),
    [
        pytest.param(4, YEAR, date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31), id="G-17-first-day"),
        pytest.param(4, YEAR, date(2026, 9, 1), date(2026, 9, 1), date(2027, 3, 31), id="G-17-in-the-year"),
        pytest.param(4, YEAR, date(2026, 3, 31), date(2026, 3, 31), date(2026, 3, 31), id="G-17-last-day"),
        pytest.param(1, HALF, date(2026, 8, 10), date(2026, 8, 10), date(2026, 12, 31), id="half-years"),
        pytest.param(1, MONTH, date(2026, 8, 10), date(2026, 8, 10), date(2026, 8, 31), id="months"),
        pytest.param(
            0, YEAR, date(2026, 8, 10), date(2026, 8, 10), date(2027, 8, 9), id="G-21-no-fiscal-year"
        ),
        pytest.param(1, WEEK, date(2026, 8, 10), date(2026, 8, 10), date(2026, 8, 16), id="weeks"),
    ],
)
def test_the_first_annual_term_ends_for_everybody_alike(
    first_month: int, interval: Interval, joined: date, start: date, through: date
) -> None:
    """G-17."""
    term = first_term(rules("annual", first_month), joined, interval)
    assert (term.start, term.through) == (start, through)


def test_an_anniversary_term_runs_from_the_join_date_g22() -> None:
    term = first_term(rules(), date(2026, 7, 1), YEAR)
    assert (term.start, term.through) == (date(2026, 7, 1), date(2027, 6, 30))


def test_advancing_and_the_fiscal_year_together() -> None:
    """A start that is moved over the end of the fiscal year lies in the next one."""
    term = first_term(rules("annual", 1, "first_of_month", 15), date(2026, 12, 20), YEAR)
    assert (term.start, term.through) == (date(2027, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(1, 12), st.sampled_from([None, 0, 1, 15, 28]))
def test_any_new_members_first_term_contains_its_start_and_at_most_an_interval(
    joined: date, first_month: int, advance: int | None
) -> None:
    for basis in ("annual", "anniversary"):
        term = first_term(rules(basis, first_month, "first_of_month", advance), joined, YEAR)
        assert term.start in term
        assert term.end <= nth_start(term.start, YEAR, 1)
        assert basis == "anniversary" or (term.end.day, term.end.month) == (1, first_month)


def test_annual_renewals_start_on_the_effective_date_i10() -> None:
    term = renewal_term(rules("annual"), date(2018, 1, 1), date(2017, 12, 31), date(2010, 5, 5), YEAR)
    assert term == Period(date(2018, 1, 1), date(2019, 1, 1))
    late = renewal_term(rules("annual"), date(2018, 1, 1), date(2016, 12, 31), date(2010, 5, 5), YEAR)
    assert late == term


def test_anniversary_renewals_start_after_renewed_through() -> None:
    term = renewal_term(rules(), date(2018, 1, 1), date(2017, 6, 30), date(2010, 7, 1), YEAR)
    assert term == Period(date(2017, 7, 1), date(2018, 7, 1))


@pytest.mark.parametrize(
    ("anchor", "interval", "renewed_through", "start", "end"),
    [
        (date(2026, 1, 31), MONTH, date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 1, 31), MONTH, date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 30)),
        (date(2024, 2, 29), YEAR, date(2025, 2, 27), date(2025, 2, 28), date(2026, 2, 28)),
        (date(2024, 2, 29), YEAR, date(2027, 2, 27), date(2027, 2, 28), date(2028, 2, 29)),
        # A start that left the grid (a term set by hand) is counted from itself.
        (date(2026, 1, 31), MONTH, date(2026, 3, 14), date(2026, 3, 15), date(2026, 4, 15)),
        (date(2026, 1, 5), WEEK, date(2026, 1, 11), date(2026, 1, 12), date(2026, 1, 19)),
    ],
)
def test_renewals_keep_to_the_anchor(
    anchor: date, interval: Interval, renewed_through: date, start: date, end: date
) -> None:
    assert renewal_term(rules(), date(2030, 1, 1), renewed_through, anchor, interval) == Period(start, end)


@given(DAYS, st.sampled_from([MONTH, HALF, YEAR, Interval(1, Unit.QUARTER)]), st.integers(1, 40))
def test_a_chain_of_anniversary_renewals_is_the_anchors_grid(
    anchor: date, interval: Interval, n: int
) -> None:
    """C-17: one term after another, for years, and still on the first day."""
    term = first_term(rules(), anchor, interval)
    for step in range(1, n + 1):
        following = renewal_term(rules(), term.end, term.through, anchor, interval)
        assert following.start == term.end == nth_start(anchor, interval, step)
        term = following


def test_without_a_join_date_the_effective_date_is_used_g23() -> None:
    assert renewal_term(rules(), date(2026, 3, 10), None, None, YEAR) == Period(
        date(2026, 3, 10), date(2027, 3, 10)
    )
    after = renewal_term(rules(), date(2026, 3, 10), date(2026, 1, 31), None, YEAR)
    assert after == Period(date(2026, 2, 1), date(2027, 2, 1))


def test_a_member_never_billed_starts_on_the_anchor_or_in_its_running_period() -> None:
    to_come = renewal_term(rules(), date(2026, 1, 1), None, date(2026, 7, 1), YEAR)
    assert to_come == Period(date(2026, 7, 1), date(2027, 7, 1))
    running = renewal_term(rules(), date(2026, 1, 1), None, date(2010, 7, 1), YEAR)
    assert running == Period(date(2025, 7, 1), date(2026, 7, 1))


@given(DAYS, st.integers(1, 12))
def test_the_proposed_effective_date_is_the_next_fiscal_start_g20(bill_on: date, first_month: int) -> None:
    proposed = effective_date(first_month, bill_on)
    assert proposed is not None
    assert (proposed.month, proposed.day) == (first_month, 1)
    assert bill_on <= proposed < bill_on + timedelta(days=367)


def test_the_effective_date_examples_g20_g21() -> None:
    assert effective_date(7, date(2026, 5, 10)) == date(2026, 7, 1)
    assert effective_date(7, date(2026, 7, 1)) == date(2026, 7, 1)
    assert effective_date(7, date(2026, 7, 2)) == date(2027, 7, 1)
    assert effective_date(0, date(2026, 5, 10)) is None


@pytest.mark.parametrize(
    ("subscription", "product", "customer", "standard", "months", "source"),
    [
        pytest.param(None, None, None, None, 12, "plan", id="nothing-set"),
        pytest.param(None, None, None, 6, 6, "standard", id="G-06"),
        pytest.param(None, None, 3, 12, 3, "customer", id="G-07"),
        pytest.param(None, 6, None, 12, 6, "product", id="G-08"),
        pytest.param(None, 6, 3, 12, 6, "product", id="product-over-customer"),
        pytest.param(1, 6, 3, 12, 1, "subscription", id="G-09"),
        pytest.param(0, 0, 0, 0, 12, "plan", id="zero-is-unset"),
    ],
)
def test_the_most_specific_interval_wins(
    subscription: int | None,
    product: int | None,
    customer: int | None,
    standard: int | None,
    months: int,
    source: str,
) -> None:
    """G-06 to G-09."""
    interval, said = effective_interval(
        YEAR, subscription=subscription, product=product, customer=customer, standard=standard
    )
    assert interval.months == months
    assert said == source


GRACE_3_DAY_15 = LatePayment(3, 15)
BILLED_FROM = date(2018, 1, 1)


@pytest.mark.parametrize(
    ("late", "paid_on", "start"),
    [
        (GRACE_3_DAY_15, date(2018, 4, 15), date(2018, 5, 1)),  # the source's example
        (GRACE_3_DAY_15, date(2018, 4, 14), date(2018, 4, 1)),
        (GRACE_3_DAY_15, date(2018, 4, 2), date(2018, 4, 1)),
        (GRACE_3_DAY_15, date(2018, 4, 1), None),  # the last day of grace
        (GRACE_3_DAY_15, date(2018, 3, 20), None),
        (LatePayment(0, 15), date(2018, 1, 1), None),
        (LatePayment(0, 15), date(2018, 1, 2), date(2018, 2, 1)),  # 0 or 1: the next month, whatever the day
        (LatePayment(1, 15), date(2018, 2, 1), None),
        (LatePayment(1, 15), date(2018, 2, 2), date(2018, 3, 1)),
        (LatePayment(2, 0), date(2018, 3, 2), date(2018, 4, 1)),
        (LatePayment(2, 28), date(2018, 3, 27), date(2018, 3, 1)),
        (LatePayment(at_payment=True), date(2018, 1, 1), None),
        (LatePayment(at_payment=True), date(2018, 6, 20), date(2018, 6, 20)),
    ],
)
def test_a_late_payers_term_begins_again_g31_to_g33(
    late: LatePayment, paid_on: date, start: date | None
) -> None:
    year = Interval(1, Unit.YEAR)
    term = term_after_late_payment(late, BILLED_FROM, paid_on, year)
    assert term == (None if start is None else Period(start, nth_start(start, year, 1)))


@given(
    months=st.integers(0, 24),
    day=st.integers(0, 28),
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 1200),
)
def test_it_never_begins_before_the_one_it_replaces(months: int, day: int, start: date, days: int) -> None:
    term = term_after_late_payment(
        LatePayment(months, day), start, start + timedelta(days=days), Interval(1, Unit.MONTH)
    )
    assert term is None or term.start > start
