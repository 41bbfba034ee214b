"""Where a membership stands that existed before Paidthru."""

from datetime import date

import pytest

from paidthru.kernel.periods import Interval, Period, Unit
from paidthru.membership.rules.existing import Existing, Standing, standing

MONTH, YEAR = Interval(1, Unit.MONTH), Interval(1, Unit.YEAR)
TODAY = date(2026, 1, 15)


def stands(known: Existing, interval: Interval = MONTH, kind: str = "subscription") -> Standing:
    return standing(known, interval, kind, today=TODAY)


def test_paid_through_keeps_the_day_of_joining() -> None:
    found = stands(Existing(joined_on=date(2025, 10, 31), through=date(2026, 2, 27)))
    assert found.anchor_on == date(2025, 10, 31), "so that March is billed from the 31st"
    assert found.term == Period(date(2026, 1, 31), date(2026, 2, 28))
    assert (found.state, found.through, found.next_bill_on) == (
        "active",
        date(2026, 2, 27),
        date(2026, 2, 28),
    )


def test_paid_through_off_the_grid_of_joining_makes_a_new_anchor() -> None:
    found = stands(Existing(joined_on=date(2019, 5, 20), through=date(2025, 12, 31)), YEAR)
    assert (found.anchor_on, found.next_bill_on) == (date(2026, 1, 1), date(2026, 1, 1))
    assert found.term == Period(date(2025, 1, 1), date(2026, 1, 1))


def test_who_joined_during_the_paid_term_has_it_from_then_on() -> None:
    found = stands(Existing(joined_on=date(2025, 7, 10), through=date(2025, 12, 31)), YEAR)
    assert found.term == Period(date(2025, 7, 10), date(2026, 1, 1))


@pytest.mark.parametrize("started", [date(2026, 1, 5), date(2025, 8, 5)])
def test_the_current_cycle_counts_as_paid_however_long_ago_cycles_began(started: date) -> None:
    found = stands(Existing(cycle_started_on=started))
    assert found.term == Period(date(2026, 1, 5), date(2026, 2, 5))
    assert (found.anchor_on, found.next_bill_on) == (started, date(2026, 2, 5))


def test_a_cycle_that_began_on_a_31st_stays_there() -> None:
    found = standing(
        Existing(joined_on=date(2010, 6, 1), cycle_started_on=date(2026, 1, 31)), MONTH, "subscription",
        today=date(2026, 2, 10),
    )  # fmt: skip
    assert found.anchor_on == date(2026, 1, 31)
    assert found.next_bill_on == date(2026, 2, 28)


def test_a_cycle_to_come_bills_when_it_starts_c10() -> None:
    found = stands(Existing(cycle_started_on=date(2026, 2, 1)))
    assert found == Standing("pending", date(2026, 2, 1), None, date(2026, 2, 1), None, None)
    assert stands(Existing(cycle_started_on=date(2026, 2, 1)), kind="prepaid").next_bill_on is None


def test_today_is_a_cycle_that_has_started() -> None:
    assert stands(Existing(cycle_started_on=TODAY)).term == Period(TODAY, date(2026, 2, 15))


def test_with_no_date_nothing_is_paid_and_nothing_bills() -> None:
    found = stands(Existing(status="pending"))
    assert (found.state, found.term, found.next_bill_on, found.anchor_on) == ("pending", None, None, TODAY)
    assert stands(Existing()).state == "active"


def test_only_subscriptions_bill_by_themselves() -> None:
    assert stands(Existing(through=date(2026, 1, 31)), kind="prepaid").next_bill_on is None
    assert stands(Existing(through=date(2026, 1, 31)), kind="non_recurring").next_bill_on is None
