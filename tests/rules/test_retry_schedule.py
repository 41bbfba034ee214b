"""When a payment is tried by itself (A-45, P-05, P-15, P-18, X5, X9, X22)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.clock import local_date
from paidthru.payments.rules.retries import Instrument, PastAttempt
from paidthru.payments.rules.retry_schedule import OnUpdate, Planned, RetrySchedule, next_try

ZONE = "America/New_York"
DUE = date(2026, 3, 1)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
CARD = Instrument("card", (2030, 1))
NEW_CARD = Instrument("new card", (2031, 1))


def schedule(*offsets: int, on_update: OnUpdate = "release", first: bool = True) -> RetrySchedule:
    return RetrySchedule(offsets, on_update, first, time(6), ZONE)


def failed(at: datetime, method: Instrument = CARD, state: str = "declined") -> PastAttempt:
    return PastAttempt(
        method.fingerprint, state, at, local_date(at, ZONE), "insufficient_funds", expires=method.expires
    )


def next_try_on(
    history: list[PastAttempt], method: Instrument, saved_at: datetime, due_on: date, rules: RetrySchedule
) -> date | None:
    """The local date of `next_try`."""
    planned = next_try(history, method, saved_at, due_on, rules)
    return local_date(planned.at, ZONE) if planned else None


def dates_of(offsets: tuple[int, ...], *, notice_after: timedelta = timedelta(0)) -> list[date]:
    """The dates of all tries, when each fails, the word of it coming so much later."""
    history: list[PastAttempt] = []
    dates = []
    while (planned := next_try(history, CARD, BEFORE, DUE, schedule(*offsets))) is not None:
        dates.append(local_date(planned.at, ZONE))
        history.append(failed(planned.at + notice_after))
    return dates


def test_the_fields_own_example_p05() -> None:
    assert [on.day for on in dates_of((0, 1, 3, 3))] == [1, 2, 5, 8]
    assert dates_of((0,)) == [DUE]


def test_a_retry_on_the_same_day_comes_an_hour_later_a45() -> None:
    six = datetime(2026, 3, 1, 11, tzinfo=UTC)  # 06:00 in New York
    assert next_try([failed(six)], CARD, BEFORE, DUE, schedule(0, 0)) == Planned(
        six + timedelta(hours=1), "retry"
    )
    assert next_try_on([failed(six)], CARD, BEFORE, DUE, schedule(0, 0)) == DUE


def test_a_debits_days_are_counted_from_the_banks_notice_p18_x22() -> None:
    assert [on.day for on in dates_of((0, 1, 3, 3), notice_after=timedelta(days=4))] == [1, 6, 13, 20]


def test_the_first_try_is_the_schedules_or_staffs() -> None:
    six = datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert next_try([], CARD, BEFORE, DUE, schedule(0)) == Planned(six, "schedule")
    assert next_try([], CARD, BEFORE, DUE, schedule(0, first=False)) is None
    # what staff submitted goes through its retries all the same
    assert next_try([failed(six)], CARD, BEFORE, DUE, schedule(0, 3, first=False)) is not None


@pytest.mark.parametrize(
    ("on_update", "at"),
    [
        ("charge_within", datetime(2026, 3, 10, 15, 20, tzinfo=UTC)),  # 11:20: now
        ("next_slot", datetime(2026, 3, 11, 10, tzinfo=UTC)),  # 06:00 on the next day, by then in summer time
        ("release", None),
    ],
)
def test_a_new_method_while_something_is_past_due_p15_x9(on_update: OnUpdate, at: datetime | None) -> None:
    saved = datetime(2026, 3, 10, 15, 20, tzinfo=UTC)
    history = [failed(datetime(2026, 3, 1, 11, tzinfo=UTC))]
    planned = next_try(history, NEW_CARD, saved, DUE, schedule(0, on_update=on_update))
    assert (planned.at if planned else None) == at


def test_a_new_method_waits_for_the_retry_that_is_planned_c49_x9() -> None:
    six = datetime(2026, 3, 1, 11, tzinfo=UTC)
    saved = datetime(2026, 3, 3, 15, 20, tzinfo=UTC)
    rules = schedule(0, 5, on_update="next_slot")
    assert next_try_on([failed(six)], NEW_CARD, saved, DUE, rules) == date(2026, 3, 6)
    # where none is planned any more, it is charged at the next billing hour
    used_up = [failed(six), failed(six + timedelta(days=1))]
    assert next_try_on(used_up, NEW_CARD, saved, DUE, rules) == date(2026, 3, 4)
    late = datetime(2026, 3, 9, 15, 20, tzinfo=UTC)
    assert next_try_on([failed(six)], NEW_CARD, late, DUE, rules) == date(2026, 3, 10)


def test_a_new_method_goes_through_the_offsets_from_the_start() -> None:
    first = datetime(2026, 3, 1, 11, tzinfo=UTC)
    again = datetime(2026, 3, 10, 15, tzinfo=UTC)
    rules = schedule(0, 1, 3, on_update="charge_within")
    history = [failed(first), failed(first + timedelta(days=1)), failed(again, NEW_CARD)]
    assert next_try_on(history, NEW_CARD, again, DUE, rules) == date(2026, 3, 11)
    # the card that failed before, saved once more, has no tries of its own
    assert next_try(history[:2], CARD, again, DUE, schedule(0, 1, on_update="charge_within")) is None


def test_a_card_that_its_network_renewed_is_not_charged_on_receipt() -> None:
    """The payer did nothing: it waits for the billing hour (field-notes C.8)."""
    old, renewed = Instrument("card", (2026, 2), "pm_1"), Instrument("card", (2030, 2), "pm_1")
    past = replace(failed(datetime(2026, 3, 1, 11, tzinfo=UTC), old), authorization="pm_1")
    saved = datetime(2026, 3, 10, 15, 20, tzinfo=UTC)
    rules = schedule(0, on_update="charge_within")
    assert next_try([past], renewed, saved, DUE, rules) == Planned(
        datetime(2026, 3, 11, 10, tzinfo=UTC), "retry"
    )
    by_payer = replace(renewed, authorization="pm_2")
    assert next_try([past], by_payer, saved, DUE, rules) == Planned(saved, "retry")


def test_a_try_that_staff_allowed_is_made_at_the_next_billing_hour_where_the_schedule_submits() -> None:
    past = [failed(datetime(2026, 3, 1, 11, tzinfo=UTC))]
    grants = [datetime(2026, 3, 4, 15, tzinfo=UTC)]
    planned = next_try(past, CARD, BEFORE, DUE, schedule(0), grants=grants)
    assert planned == Planned(datetime(2026, 3, 5, 11, tzinfo=UTC), "retry")
    assert next_try(past, CARD, BEFORE, DUE, schedule(0, first=False), grants=grants) is None
    used = [*past, replace(failed(datetime(2026, 3, 5, 11, tzinfo=UTC)), allowed_before=1)]
    assert next_try(used, CARD, BEFORE, DUE, schedule(0), grants=grants) is None


def test_a_method_saved_before_it_is_due_is_charged_when_it_is_due() -> None:
    saved = datetime(2026, 2, 20, tzinfo=UTC)
    planned = next_try([], CARD, saved, DUE, schedule(0, on_update="charge_within"))
    assert planned == Planned(datetime(2026, 3, 1, 11, tzinfo=UTC), "schedule")


def test_money_that_came_once_and_was_reversed_by_staff_is_theirs_to_decide() -> None:
    came = failed(datetime(2026, 3, 1, 11, tzinfo=UTC), state="reversed")
    assert next_try([came], NEW_CARD, came.at, DUE, schedule(0, 1, on_update="charge_within")) is None
    back = failed(datetime(2026, 3, 20, 15, tzinfo=UTC), state="returned")
    assert next_try_on([back], CARD, BEFORE, DUE, schedule(0, 1)) == date(2026, 3, 21)


OFFSETS = st.lists(st.integers(0, 60), max_size=8).map(lambda more: (0, *more))


@given(OFFSETS, st.integers(0, 9))
def test_there_are_as_many_tries_as_offsets_each_its_days_after_the_last(
    offsets: tuple[int, ...], notice: int
) -> None:
    history: list[PastAttempt] = []
    for place in range(len(offsets)):
        planned = next_try(history, CARD, BEFORE, DUE, schedule(*offsets))
        assert planned is not None
        if history:
            last = history[-1]
            assert planned.at > last.at
            if offsets[place]:
                assert local_date(planned.at, ZONE) == last.on + timedelta(days=offsets[place])
        history.append(failed(planned.at + timedelta(days=notice)))
    assert next_try(history, CARD, BEFORE, DUE, schedule(*offsets)) is None


def test_a_try_by_hand_never_shifts_the_schedule_a51() -> None:
    first = datetime(2026, 3, 1, 11, tzinfo=UTC)
    by_hand = replace(failed(datetime(2026, 3, 1, 20, tzinfo=UTC)), by_hand=True)
    plan = schedule(0, 1, 3, 3)
    assert next_try([failed(first), by_hand], CARD, BEFORE, DUE, plan) == next_try(
        [failed(first)], CARD, BEFORE, DUE, plan
    )
    # before the due date the payer's own try is none of the schedule's; from then on, coming first, it is the first
    ahead = replace(failed(datetime(2026, 2, 20, 15, tzinfo=UTC)), by_hand=True)
    assert next_try([ahead], CARD, BEFORE, DUE, plan) == Planned(first, "schedule")
    joined = replace(failed(datetime(2026, 3, 1, 5, tzinfo=UTC)), by_hand=True)
    assert next_try([joined], CARD, BEFORE, DUE, plan) == Planned(first + timedelta(days=1), "retry")


def test_a_card_that_works_again_pays_what_it_failed_to_pay() -> None:
    """X10: a success after the last failure brings one more try; one before it, or none, brings nothing."""
    six = schedule(0).slot(DUE)
    later = six + timedelta(days=30)
    assert next_try([failed(six)], CARD, BEFORE, DUE, schedule(0)) is None
    assert next_try([failed(six)], CARD, BEFORE, DUE, schedule(0), worked_at=six - timedelta(days=9)) is None
    assert next_try([failed(six)], CARD, BEFORE, DUE, schedule(0), worked_at=later) == Planned(later, "retry")
    again = [failed(six), failed(later + timedelta(minutes=1))]
    assert next_try(again, CARD, BEFORE, DUE, schedule(0), worked_at=later) is None
