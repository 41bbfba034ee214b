"""Stays in a household or company, and its seats."""

from datetime import date, timedelta
from uuid import UUID

from paidthru.people.rules.belonging import Stay, most_at_once, seated

DAY = date(2026, 3, 1)


def stay(number: int, start: int, end: int | None = None) -> Stay:
    until = None if end is None else DAY + timedelta(end)
    return Stay(UUID(int=number), UUID(int=100 + number), DAY + timedelta(start), until)


def test_a_stay_is_half_open_and_one_of_no_day_covers_none() -> None:
    one, none = stay(1, 0, 5), stay(2, 3, 3)
    assert one.holds_on(DAY) and one.holds_on(DAY + timedelta(4)) and not one.holds_on(DAY + timedelta(5))
    assert not none.holds_on(DAY + timedelta(3)) and not none.reaches(DAY)
    assert one.reaches(DAY + timedelta(4)) and not one.reaches(DAY + timedelta(5))
    assert stay(3, 9).reaches(DAY)


def test_the_most_at_once_looks_at_days_to_come_too() -> None:
    stays = (stay(1, -9, 2), stay(2, 4, 8), stay(3, 6), stay(4, 8))
    assert most_at_once((), DAY) == 0
    assert most_at_once(stays, DAY) == 2
    assert most_at_once(stays, DAY + timedelta(6)) == 2
    assert most_at_once((*stays, stay(5, 6, 7)), DAY) == 3
    assert most_at_once(stays, DAY + timedelta(20)) == 2


def test_whoever_came_first_has_a_seat() -> None:
    stays = (stay(1, 2), stay(2, 0), stay(3, 1, 5))
    on = DAY + timedelta(3)
    assert seated(stays, 2, on) == (UUID(int=102), UUID(int=103))
    assert seated(stays, 2, DAY + timedelta(5)) == (UUID(int=102), UUID(int=101))
    assert len(seated(stays, None, on)) == 3
