"""When a cancellation takes effect, what it opens, and what a member was called."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.changing import Cover
from paidthru.membership.rules.ending import EndPolicy, decide_cancellation, next_bill_after
from paidthru.membership.rules.entitlement import AccessFacts, entitlement
from paidthru.membership.rules.history import Rule, Told, status_history

TODAY = date(2026, 2, 10)
AT_CYCLE_END = EndPolicy("end_of_cycle", "end", credits=False, may_choose=False)
ON_DATE = EndPolicy("on_date", "downgrade", credits=False, may_choose=True)
STAFF = replace(AT_CYCLE_END, may_choose=True)


def cover(start: date, end: date, *, paid: bool = True) -> Cover:
    return Cover(UUID(int=start.toordinal()), start, end, paid, not paid)


JANUARY = cover(date(2026, 1, 1), date(2026, 2, 1))
FEBRUARY = cover(date(2026, 2, 1), date(2026, 3, 1))
UNPAID = cover(date(2026, 2, 1), date(2026, 3, 1), paid=False)
MARCH = cover(date(2026, 3, 1), date(2026, 4, 1))
MARCH_UNPAID = cover(date(2026, 3, 1), date(2026, 4, 1), paid=False)


@pytest.mark.parametrize(
    ("covers", "policy", "wanted", "on", "withdrawn"),
    [
        ((JANUARY, FEBRUARY), AT_CYCLE_END, None, date(2026, 3, 1), ()),
        ((JANUARY, UNPAID), AT_CYCLE_END, None, date(2026, 3, 1), ()),  # C-34: while past due
        ((FEBRUARY, MARCH), AT_CYCLE_END, None, date(2026, 4, 1), ()),  # what is paid ahead is kept
        ((FEBRUARY, MARCH_UNPAID), AT_CYCLE_END, None, date(2026, 3, 1), (MARCH_UNPAID,)),  # C-44
        ((JANUARY,), AT_CYCLE_END, None, TODAY, ()),
        ((), AT_CYCLE_END, None, TODAY, ()),
        ((FEBRUARY,), ON_DATE, date(2026, 3, 15), date(2026, 3, 15), ()),
        ((FEBRUARY,), ON_DATE, None, date(2026, 3, 1), ()),
        ((FEBRUARY,), STAFF, date(2026, 2, 20), date(2026, 2, 20), ()),
        ((FEBRUARY,), replace(AT_CYCLE_END, effective="immediate"), None, TODAY, ()),
        ((JANUARY, UNPAID), replace(AT_CYCLE_END, credits=True), None, TODAY, (UNPAID,)),
        ((FEBRUARY, MARCH_UNPAID), replace(AT_CYCLE_END, credits=True), None, date(2026, 3, 1), (MARCH_UNPAID,)),
    ],
)  # fmt: skip
def test_when_it_takes_effect_x8(
    covers: tuple[Cover, ...], policy: EndPolicy, wanted: date | None, on: date, withdrawn: tuple[Cover, ...]
) -> None:
    found = decide_cancellation(covers, policy, today=TODAY, wanted=wanted)
    assert (found.on, found.withdrawn, found.at_once) == (on, withdrawn, on <= TODAY)


def test_before_a_later_day_only_staff_leave_terms_to_be_billed_p17() -> None:
    later = date(2026, 6, 15)
    assert decide_cancellation((FEBRUARY,), STAFF, today=TODAY, wanted=later).bills_on
    assert not decide_cancellation((FEBRUARY,), ON_DATE, today=TODAY, wanted=later).bills_on
    assert not decide_cancellation((FEBRUARY,), STAFF, today=TODAY).bills_on


@pytest.mark.parametrize(
    ("policy", "wanted", "code"),
    [(AT_CYCLE_END, date(2026, 6, 1), "cancel_date_fixed"), (ON_DATE, date(2026, 2, 9), "past_date")],
)
def test_days_that_can_not_be(policy: EndPolicy, wanted: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        decide_cancellation((FEBRUARY,), policy, today=TODAY, wanted=wanted)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("renewed", "today", "next_on"),
    [
        (date(2026, 2, 28), date(2026, 2, 10), date(2026, 3, 1)),
        (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 2, 28), date(2026, 3, 5), date(2026, 4, 1)),  # nothing for the days between
        (None, date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_what_goes_on_bills_at_its_next_renewal(renewed: date | None, today: date, next_on: date) -> None:
    assert next_bill_after(renewed, date(2026, 1, 1), Interval(1, Unit.MONTH), today) == next_on


GOES_ON = AccessFacts("active", TODAY, None, date(2026, 2, 28))
LATE = replace(GOES_ON, unpaid_since=date(2026, 2, 1), paid_through=date(2026, 1, 31))


@pytest.mark.parametrize(
    ("facts", "restrict", "access"),
    [
        (GOES_ON, "never", "full"),
        (LATE, "never", "full"),  # C-35: no restriction by default
        (LATE, ("after", 9), "limited"),
        (LATE, ("after", 10), "full"),
        (replace(LATE, on=date(2026, 2, 11)), ("after", 10), "limited"),
        (LATE, "at_lapse", "full"),
        (replace(LATE, lifecycle="ended", ended_because="lapsed"), "at_lapse", "none"),
        (replace(GOES_ON, follows_downgrade=True, paid_through=None), "at_downgrade", "fallback"),  # P-21
        (LATE, "by_paid_through", "none"),
        (replace(LATE, grace_months=1), "by_paid_through", "full"),
        (replace(GOES_ON, lifecycle="pending", paid_through=None), "by_paid_through", "none"),
        (replace(GOES_ON, paid_through=None), "by_paid_through", "full"),
        (replace(GOES_ON, lifecycle="ending"), "never", "full"),
    ],
)
def test_what_is_open_c35(facts: AccessFacts, restrict: object, access: str) -> None:
    found = entitlement(facts, restrict)  # type: ignore[arg-type]
    assert found.access == access
    assert found.why.endswith(".")


def told(*happened: tuple[str, int, int | None]) -> list[Told]:
    return [
        Told(date(2026, 1, 1 + on), verb, through=date(2026, 1, 1 + through) if through is not None else None)
        for verb, on, through in happened
    ]


def test_each_change_has_its_cause_a54() -> None:
    events = told(
        ("joined", 0, None),
        ("billed", 0, 6),
        ("paid_through_moved", 0, 6),
        ("billed", 7, 13),
        ("payment_declined", 7, None),
        ("payment_declined", 8, None),
        ("paid_through_moved", 9, 13),
        ("cancellation_asked", 10, 14),
        ("membership_canceled", 14, None),
    )
    found = status_history(events, "community", [Rule(date.min, "first_failure")], date(2026, 2, 1))
    assert [(one.on.day - 1, one.label, events[one.place or 0].verb) for one in found] == [
        (0, "Pending", "joined"),
        (0, "Active", "paid_through_moved"),
        (7, "Past Due", "payment_declined"),
        (9, "Active", "paid_through_moved"),
        (10, "Active", "cancellation_asked"),
        (14, "Canceled", "membership_canceled"),
    ]
    assert found[4].ends_on == date(2026, 1, 15)


def test_a_day_that_comes_is_a_cause_too() -> None:
    events = told(
        ("joined", 0, None), ("billed", 0, 6), ("paid_through_moved", 0, 6), ("cycle_missed", 8, None)
    )
    by_day = status_history(events, "recommended", [Rule(date.min, ("day", 14))], date(2026, 2, 1))
    assert (by_day[-1].on, by_day[-1].label, by_day[-1].place) == (date(2026, 1, 23), "Past Due", None)
    by_grace = status_history(events[:3], "association", [Rule(date.min, "never")], date(2026, 2, 1))
    assert (by_grace[-1].on, by_grace[-1].label) == (date(2026, 1, 8), "Inactive")


def test_labels_are_those_of_the_policy_of_the_time_and_of_the_plan_a54() -> None:
    events = told(
        ("joined", 0, None), ("billed", 0, 6), ("paid_through_moved", 0, 6), ("payment_declined", 7, None)
    )
    first = Rule(date.min, "first_failure")

    def called(*rules: Rule, plan: str = "") -> list[tuple[int, str]]:
        mine = [replace(events[0], plan=plan), *events[1:]]
        found = status_history(mine, "recommended", rules, date(2026, 2, 1))
        return [(one.on.day, one.label) for one in found[2:]]

    assert called(first) == [(8, "Past Due")]
    assert called(first, Rule(date(2026, 1, 20), ("day", 30))) == [(8, "Past Due"), (20, "Active")]
    assert called(first, Rule(date(2026, 1, 5), ("day", 14))) == [
        (22, "Past Due")
    ]  # decided before it failed
    own = Rule(date.min, ("day", 10), plan="Desk")
    assert called(first, own, plan="Desk") == [(18, "Past Due")]
    assert called(first, own, plan="Team") == [(8, "Past Due")]


def test_a_switch_is_no_end() -> None:
    events = told(
        ("joined", 0, None), ("billed", 0, 30), ("paid_through_moved", 0, 30), ("membership_switched", 5, None),
        ("plan_switched", 5, None), ("billed", 5, 30), ("paid_through_moved", 5, 30), ("payment_declined", 9, None),
    )  # fmt: skip
    found = status_history(events, "recommended", [Rule(date.min, "first_failure")], date(2026, 1, 20))
    assert [one.label for one in found] == ["Pending", "Active", "Past Due"]
