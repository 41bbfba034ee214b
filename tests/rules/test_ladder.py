"""The ladder of what is unpaid, without a database (A-46 to A-52, P-04, X3, X5, X6)."""

from datetime import date, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.dunning.rules.arrangement import Part, checked_parts, is_broken, next_due
from paidthru.dunning.rules.ladder import (
    END,
    STATUS,
    CatchUp,
    Facts,
    Ladder,
    Pause,
    decide,
    differs,
    is_left,
    ladder_from,
    look_again_on,
    next_step,
    rungs,
)
from paidthru.kernel.errors import Refused

START = date(2026, 3, 1)
AMS = Ladder((3, 7, 14, 30), 14, "lapse", 30)
DAY = timedelta(days=1)


def walked(
    ladder: Ladder,
    *,
    days: int = 60,
    down: frozenset[int] = frozenset(),
    paid_on: int | None = None,
    pauses: tuple[Pause, ...] = (),
    over_on: int | None = None,
    catch_up: str = "latest",
) -> list[tuple[int, str, str, str]]:
    """What a worker does day after day, down on some, until it is paid or over: (day, key, mail, withheld)."""
    done: set[str] = set()
    found = []
    for day in range(days + 1):
        on = START + day * DAY
        if paid_on is not None and day >= paid_on:
            break
        if day in down:
            continue
        tries_over = START + over_on * DAY if over_on is not None and day >= over_on else None
        facts = Facts(START, frozenset(done), pauses, tries_over)
        for again in range(2):  # twice is once
            acts = decide(ladder, facts, on, cast("CatchUp", catch_up)) if again == 0 else ()
            found += [(day, act.rung.key, act.rung.mail, act.withheld) for act in acts]
            done |= {act.rung.key for act in acts}
        assert decide(ladder, Facts(START, frozenset(done), pauses, tries_over), on, "all") == ()
        if any(act[1] == END and act[2] for act in found):
            break
    return found


def test_the_field_s_own_days_a46_to_a49() -> None:
    assert [(day, mail) for day, _, mail, _ in walked(AMS) if mail] == [
        (3, "reminder"),
        (7, "second_reminder"),
        (14, "final_notice"),
        (30, "lapsed"),
    ]
    assert (14, STATUS, "", "") in walked(AMS)
    # further mail days say that it is past due; without an end they go on
    more = Ladder((3, 7, 14, 30, 60), None, "stay_past_due")
    assert [mail for *_, mail, _ in walked(more, days=90)][3:] == ["past_due", "past_due"]
    # the day of the lapse is the lapse's own mail, whatever mail days say; what is later never comes
    assert [rung.mail for rung in rungs(Ladder((3, 20, 40), 0, "lapse", 20))] == ["", "reminder", "lapsed"]


def test_payment_stops_the_rest_a50() -> None:
    assert [mail for *_, mail, _ in walked(AMS, paid_on=8)] == ["reminder", "second_reminder"]
    assert not any(key == END for _, key, *_ in walked(AMS, paid_on=29))


def test_after_an_outage_one_mail_a51() -> None:
    down = frozenset(range(2, 9))
    assert walked(AMS, down=down)[:2] == [
        (9, "mail 1", "reminder", "superseded"),
        (9, "mail 2", "second_reminder", ""),
    ]
    assert [one[3] for one in walked(AMS, down=down, catch_up="all")[:2]] == ["", ""]
    # one that is late is not added to the mail of a failed payment on the same day; that it is over is said
    late = Facts(START, told_on=START + 4 * DAY)
    assert [act.withheld for act in decide(AMS, late, START + 4 * DAY, "latest")] == ["told_today"]
    over = Facts(START, told_on=START + 40 * DAY)
    assert decide(AMS, over, START + 40 * DAY, "latest")[-1].withheld == ""


def test_what_ends_when_the_tries_are_over_p04() -> None:
    coworking = Ladder((), 0, "downgrade", tries_days=7)
    assert walked(coworking, over_on=7) == [(0, STATUS, "", ""), (7, END, "downgraded", "")]
    assert walked(coworking) == [(0, STATUS, "", "")]
    assert next_step(coworking, Facts(START, frozenset({STATUS}))) == (rungs(coworking)[-1], None)
    staff = Ladder((), None, "staff_queue")
    assert [key for _, key, *_ in walked(staff, over_on=0)] == [END]
    keep = Ladder((), None, "keep_invoicing", 2)
    assert decide(keep, Facts(START, later_unpaid=1), START, "latest") == ()
    assert [act.rung.does for act in decide(keep, Facts(START, later_unpaid=2), START, "latest")] == [
        "leave_to_staff"
    ]


def test_nothing_happens_while_the_outcome_of_an_attempt_is_open_p18() -> None:
    assert decide(AMS, Facts(START, waiting=True), START + 40 * DAY, "all") == ()


def test_the_days_of_a_pause_do_not_count() -> None:
    pause = (Pause(START + 2 * DAY, START + 12 * DAY),)
    got = walked(AMS, pauses=pause)
    assert [(day, mail) for day, _, mail, _ in got if mail][:2] == [(13, "reminder"), (17, "second_reminder")]
    assert (14, STATUS, "", "") in got  # how it stands is a matter of the calendar
    assert got[-1][:2] == (40, END)


def test_when_a_case_is_looked_at_again() -> None:
    facts = Facts(START, frozenset({"mail 1"}))
    assert look_again_on(AMS, facts, START + 3 * DAY) == START + 7 * DAY
    paused = Facts(START, frozenset({"mail 1"}), (Pause(START + 3 * DAY, START + 5 * DAY),))
    assert look_again_on(AMS, paused, START + 3 * DAY) == START + 5 * DAY
    coworking = Ladder((), None, "downgrade", tries_days=7)
    assert look_again_on(coworking, Facts(START), START) == START + 7 * DAY
    assert look_again_on(coworking, Facts(START), START, planned_on=START + 20 * DAY) == START + 21 * DAY


def test_what_stays_past_due_is_left_to_a_person_when_nothing_more_comes_a44() -> None:
    stays, mailed = Ladder((3, 7), 0, "stay_past_due"), frozenset({"mail 1", "mail 2"})
    on = START + 10 * DAY
    assert is_left(stays, Facts(START, mailed, tries_over_on=START), on)
    assert look_again_on(stays, Facts(START, mailed, tries_over_on=on + DAY), on) == on + DAY
    for not_yet in (
        Facts(START, frozenset({"mail 1"}), tries_over_on=START),
        Facts(START, mailed),  # something is still tried
        Facts(START, mailed, tries_over_on=on + DAY),
        Facts(START, mailed, tries_over_on=START, waiting=True),
        Facts(START, mailed, (Pause(on, on + DAY),), tries_over_on=START),
    ):
        assert not is_left(stays, not_yet, on)
    assert not is_left(AMS, Facts(START, mailed | {"mail 3", "mail 4", END}, tries_over_on=START), on)


def test_a_ladder_is_kept_with_its_case_a52() -> None:
    assert ladder_from(AMS.stored()) == AMS
    assert differs(AMS, Ladder((5, 7, 14, 30), 14, "lapse", 30))
    assert not differs(AMS, Ladder((3, 7, 14), 14, "lapse", 30))  # the fourth is the lapse's own in both


ladders = st.builds(
    Ladder,
    st.lists(st.integers(0, 40), unique=True, max_size=5).map(lambda days: tuple(sorted(days))),
    st.none() | st.integers(0, 40),
    st.sampled_from(["lapse", "downgrade", "cancel", "stay_past_due", "staff_queue"]),
    st.integers(1, 45),
    st.integers(0, 20),
)
outages = st.frozensets(st.integers(0, 59), max_size=60)
over = st.none() | st.integers(0, 30)


@given(ladders, outages, st.none() | st.integers(0, 60), over, st.sampled_from(["latest", "all"]))
def test_a_ladder_never_skips_repeats_or_outlives_its_payment(
    ladder: Ladder, down: frozenset[int], paid_on: int | None, over_on: int | None, catch_up: str
) -> None:
    got = walked(ladder, down=down, paid_on=paid_on, over_on=over_on, catch_up=catch_up)
    keys = [key for _, key, *_ in got]
    assert len(keys) == len(set(keys))
    assert paid_on is None or all(day < paid_on for day, *_ in got)
    order = [rung.key for rung in rungs(ladder) if rung.day is not None and rung.key in keys]
    assert [key for key in keys if key in order] == order  # in order, none left out before one that was done
    done = set(keys)
    for place, key in enumerate(order):
        assert set(order[:place]) <= done, key
    for day in {day for day, *_ in got}:  # one mail a day at most
        sent = [one for one in got if one[0] == day and one[2] and not one[3]]
        assert catch_up == "all" or len(sent) <= 1


@given(ladders, outages, over)
def test_a_worker_that_was_down_ends_where_one_that_never_stopped_does(
    ladder: Ladder, down: frozenset[int], over_on: int | None
) -> None:
    never = walked(ladder, over_on=over_on)
    other = walked(ladder, down=down, over_on=over_on)
    if ladder.end not in (
        "downgrade",
        "cancel",
    ):  # what ends by the tries may come before a late mail of the ladder
        assert [one[:3][1:] for one in other] == [one[:3][1:] for one in never]
    assert {one[1] for one in other if one[1] == END} == {one[1] for one in never if one[1] == END}


# ---------------------------------------------------------------- arrangements


def test_an_arrangement_is_checked_kept_and_broken() -> None:
    parts = (Part(START + 5 * DAY, 3_000), Part(START + 15 * DAY, 6_000))
    assert checked_parts(parts[::-1], owed_minor=9_000, on=START, most_days=20) == parts
    assert next_due(parts, on=START + 6 * DAY) == START + 15 * DAY
    assert not is_broken(parts, paid_minor=0, on=START + 5 * DAY)
    assert is_broken(parts, paid_minor=2_999, on=START + 6 * DAY)
    assert not is_broken(parts, paid_minor=3_000, on=START + 15 * DAY)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "arrangement_invalid"),
        ((Part(START, 9_000),), "arrangement_invalid"),
        ((Part(START + DAY, 4_000), Part(START + DAY, 5_000)), "arrangement_invalid"),
        ((Part(START + DAY, 8_000),), "arrangement_invalid"),
        ((Part(START + 21 * DAY, 9_000),), "arrangement_too_long"),
    ],
)
def test_an_arrangement_is_refused(parts: tuple[Part, ...], code: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_parts(parts, owed_minor=9_000, on=START, most_days=20)
    assert refused.value.code == code
