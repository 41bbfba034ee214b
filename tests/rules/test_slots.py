"""At which time of day what falls due is charged: `billing.slot` (P-02, P-03, P-13, P-30, X2, A2-14, A2-15)."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest

from paidthru.kernel.clock import local_instant, time_zone
from paidthru.organizations.rules.policies import Policies, parse
from paidthru.organizations.rules.slots import (
    APART,
    PLACES,
    Slot,
    first_opening,
    next_hour,
    reached_at,
    slot_of,
)

ZONE = "America/New_York"
ALL_DAY = Slot(1, 23 * 60 + 59, ZONE)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def policies(preset: str, **settings: str) -> Policies:
    rows = [("organization", "", "billing.slot", parse("billing.slot", text)) for text in settings.values()]
    return Policies.of(preset, rows)


def test_a_thousand_members_are_spread_over_the_day() -> None:
    """P-03: all between 00:01 and 23:59 of the day, by the clocks of the zone, about as many in every hour."""
    on = date(2026, 3, 15)
    at = [ALL_DAY.of(on, member).astimezone(time_zone(ZONE)) for member in range(1, 1001)]
    assert {one.date() for one in at} == {on}
    assert time(0, 1) <= min(at).time()
    assert max(at).time() <= time(23, 59)
    hours = Counter(one.hour for one in at)
    assert len(hours) == 24
    assert max(hours.values()) - min(hours.values()) <= 6


def test_a_member_has_the_same_time_every_month() -> None:
    """P-02: by the clock on the wall; also when the clocks change in between."""
    for member in (1, 2, 500, 123_456):
        shown = {
            ALL_DAY.of(date(2026, month, 15), member).astimezone(time_zone(ZONE)).time()
            for month in range(1, 13)
        }
        assert shown == {ALL_DAY.time_of(member)}


def test_a_small_club_keeps_its_order() -> None:
    times = [ALL_DAY.minute(member) for member in range(1, 98)]
    assert times == sorted(set(times))


@pytest.mark.parametrize("on", [SPRING, AUTUMN])
def test_where_the_clocks_change_nobody_is_left_out_or_comes_twice(on: date) -> None:
    """P-03: a time that the day skips is reached when the clock jumps, one that it has twice when it comes first."""
    begins, ends = local_instant(on, time.min, ZONE), local_instant(on + timedelta(days=1), time.min, ZONE)
    at = [reached_at(on, time(minute // 60, minute % 60), ZONE) for minute in range(24 * 60)]
    assert at == sorted(at)
    assert begins == at[0]
    assert at[-1] < ends
    assert all(ALL_DAY.of(on, member) < ends for member in range(1, 2_000))


def test_a_skipped_time_is_reached_when_the_clock_jumps() -> None:
    assert reached_at(SPRING, time(2, 30), ZONE) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert reached_at(AUTUMN, time(1, 30), ZONE) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    # Samoa had no 30 December 2011.
    assert reached_at(date(2011, 12, 30), time(6), "Pacific/Apia") == datetime(
        2011, 12, 30, 10, 0, tzinfo=UTC
    )


@pytest.mark.parametrize("slot", [ALL_DAY, Slot(480, 720, ZONE), Slot(360, 360, ZONE), Slot(0, 0, ZONE)])
@pytest.mark.parametrize("on", [date(2026, 6, 1), SPRING])
def test_who_has_had_their_time_is_told_by_the_place(slot: Slot, on: date) -> None:
    """What the database asks (`place < passed`) is what the times say."""
    for member in range(1, 400):
        at, place = slot.of(on, member), member * APART % PLACES
        assert place < slot.passed(on, at)
        assert place >= slot.passed(on, at - timedelta(minutes=1))
    assert slot.passed(on, slot.closing(on)) == PLACES
    assert slot.passed(on, slot.opening(on) - timedelta(minutes=1)) == 0


@pytest.mark.parametrize(
    ("preset", "value", "opens", "closes"),
    [
        ("recommended", None, "08:00", "12:00"),
        ("coworking", None, "00:01", "23:59"),
        ("ams_nonprofit", None, "06:00", "06:00"),
        ("community", None, "00:00", "00:00"),
        ("association", None, "06:00", "06:00"),
        ("community", "fixed_time(14:30)", "14:30", "14:30"),
        ("community", "spread", "00:01", "23:59"),
    ],
)
def test_presets(preset: str, value: str | None, opens: str, closes: str) -> None:
    slot = slot_of(policies(preset, **({"value": value} if value else {})), ZONE)
    on = date(2026, 3, 15)
    assert slot.opening(on) == local_instant(on, time.fromisoformat(opens), ZONE)
    assert slot.closing(on) == local_instant(on, time.fromisoformat(closes), ZONE)


def test_a_plan_with_its_own_window() -> None:
    """A date's terms are billed as the first window opens; each is charged in its own."""
    rows = [("plan", "7", "billing.slot", parse("billing.slot", "fixed_time(05:00)"))]
    found = Policies.of("recommended", rows)
    on = date(2026, 3, 15)
    assert first_opening(found, ZONE, on) == local_instant(on, time(5), ZONE)
    assert slot_of(found.within(plan="7"), ZONE).time_of(12) == time(5)
    assert slot_of(found, ZONE).opening(on) == local_instant(on, time(8), ZONE)


def test_the_top_of_the_hour_is_that_of_the_zone() -> None:
    assert next_hour(datetime(2026, 3, 10, 14, 20, tzinfo=UTC), ZONE) == datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert next_hour(datetime(2026, 3, 10, 14, 0, tzinfo=UTC), ZONE) == datetime(2026, 3, 10, 15, tzinfo=UTC)
    at = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
    assert next_hour(at, "Asia/Kathmandu") == datetime(2026, 3, 10, 14, 15, tzinfo=UTC)
