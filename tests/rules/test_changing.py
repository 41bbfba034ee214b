"""Changes of a running membership as rules: renewal dates, unused time, switches (P-11, P-24, P-27, P-31, X11, X15)."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period, Unit
from paidthru.membership.rules.changing import Cover, keep_grid, move_renewal, said_unused, unused_share
from paidthru.membership.rules.joining import decide_first_term
from paidthru.membership.rules.pricing import Fee
from paidthru.membership.rules.settings import PlanFacts
from paidthru.membership.rules.switching import Standing, credits_unused, first_term_of, when_switched
from paidthru.membership.rules.terms import covered_until
from paidthru.organizations.rules.policies import Policies

MONTH = Interval(1, Unit.MONTH)
TODAY = date(2026, 3, 10)


def cover(start: date, end: date, *, paid: bool = True) -> Cover:
    return Cover(uuid4(), start, end, paid, not paid)


def plan(kind: str = "subscription", *, name: str = "Plan", trial: int = 0) -> PlanFacts:
    fee = Fee(UUID(int=1), name, 10_000, True, False, False, 0)
    return PlanFacts(uuid4(), name, kind, "USD", MONTH, None, "", (), "Income:Dues", (fee,), trial)


def policies(preset: str = "recommended", **settings: str) -> Policies:
    rows = [("organization", "", key.replace("__", "."), value) for key, value in settings.items()]
    return Policies.of(preset, rows)


@pytest.mark.parametrize(
    ("to", "become"),
    [
        (date(2026, 3, 15), []),  # the renewal date as it is
        (date(2026, 4, 10), ["longer"]),
        (date(2026, 3, 12), ["shorter"]),
        (date(2026, 3, 9), ["shorter"]),
        (date(2026, 2, 1), ["given_up"]),
    ],
)
def test_a_paid_term_goes_on_until_the_new_date_or_is_cut_there(to: date, become: list[str]) -> None:
    move = move_renewal([cover(date(2026, 2, 15), date(2026, 3, 15))], to, TODAY)
    assert (move.anchor_on, move.next_bill_on) == (to, to)
    assert [change.become for change in move.changes] == become
    assert all(change.end == to for change in move.changes if change.become in ("longer", "shorter"))


def test_an_unpaid_cycle_is_billed_from_the_new_date_instead_and_never_twice() -> None:
    paid, unpaid = (
        cover(date(2026, 2, 1), date(2026, 3, 1)),
        cover(date(2026, 3, 1), date(2026, 4, 1), paid=False),
    )

    def become(to: date) -> list[str]:
        return [change.become for change in move_renewal([paid, unpaid], to, TODAY).changes]

    assert become(date(2026, 3, 9)) == ["replaced"]
    assert become(date(2026, 3, 1)) == ["replaced"]
    assert become(date(2026, 2, 20)) == ["shorter", "replaced"]
    assert become(date(2026, 4, 10)) == []  # it stays owed; no term covers the days between
    with pytest.raises(Refused) as refused:
        move_renewal([paid], date(2026, 2, 1), TODAY)
    assert refused.value.code == "already_billed"
    assert move_renewal([], TODAY, TODAY).changes == ()
    over = cover(date(2025, 2, 1), date(2025, 3, 1))
    assert move_renewal([over], date(2026, 4, 1), TODAY).changes == ()  # nobody gets a year as a present


def test_a_past_date_that_is_ignored_is_only_the_anchor_x11() -> None:
    covers = [cover(date(2026, 2, 15), date(2026, 3, 15))]
    assert keep_grid(covers, date(2026, 1, 31), TODAY, MONTH).next_bill_on == date(2026, 3, 31)
    assert keep_grid(covers, date(2026, 2, 15), TODAY, MONTH).next_bill_on == date(2026, 3, 15)
    assert keep_grid([], date(2026, 2, 15), TODAY, MONTH).next_bill_on == date(2026, 3, 15)


def test_days_without_a_term_before_a_renewal_date() -> None:
    assert covered_until(None, TODAY) is None
    assert covered_until(date(2026, 2, 28), None) == date(2026, 2, 28)
    assert covered_until(date(2026, 2, 28), date(2026, 3, 1)) == date(2026, 2, 28)
    assert covered_until(date(2026, 2, 28), date(2026, 4, 10)) == date(2026, 4, 9)


def test_unused_time_is_counted_to_the_day() -> None:
    term = Period(date(2026, 3, 1), date(2026, 4, 1))
    assert unused_share(3_100, term, date(2026, 3, 21)) == 1_100
    assert unused_share(1_000, term, date(2026, 3, 21)) == 355  # 354.84, half up
    assert (unused_share(3_100, term, date(2026, 3, 1)), unused_share(3_100, term, date(2026, 2, 1))) == (
        3_100,
        3_100,
    )
    assert unused_share(3_100, term, date(2026, 4, 1)) == 0
    assert said_unused(3_100, 1_100, term, date(2026, 3, 21), "USD") == (
        "11 of 31 days of the term 2026-03-01 to 2026-03-31 are not used: 31.00 × 11/31 = 11.00 USD."
    )


def test_when_a_change_of_plan_takes_effect_x15() -> None:
    old, new, day_pass = plan(), plan(name="Plus"), plan("non_recurring")
    covered, free = Standing(old, None, True), Standing(plan("free"), None, False)
    coworking, own = policies("coworking"), policies("recommended")
    assert when_switched(covered, new, coworking, by_member=False) == "next_renewal"  # P-27
    assert when_switched(covered, new, coworking, by_member=True) == "now"  # P-28
    assert when_switched(covered, new, own, by_member=False) == "now"
    assert when_switched(Standing(old, new, True), old, own, by_member=True) == "undone"
    assert when_switched(covered, day_pass, own, by_member=False) == "at_once"  # P-24: not billed by staff
    assert when_switched(covered, day_pass, own, by_member=True) == "now"
    assert when_switched(free, new, coworking, by_member=False) == "at_once"  # no renewal to wait for
    assert (credits_unused(new, own), credits_unused(new, coworking)) == (True, False)  # P-31


def test_the_first_term_of_the_new_plan_starts_today() -> None:
    first = first_term_of(plan(), MONTH, policies(), TODAY)
    assert first is not None
    assert (first[0], first[1][0].amount_minor) == (Period(TODAY, date(2026, 4, 10)), 10_000)
    assert first_term_of(plan("free"), MONTH, policies(), TODAY) is None


def test_a_trial_puts_the_first_term_off() -> None:
    tried = decide_first_term(policies(), plan(trial=14), MONTH, TODAY)
    assert (tried.billing, tried.period.start) == ("trial", date(2026, 3, 24))
    assert (
        decide_first_term(policies(), plan(trial=14), MONTH, TODAY, current_cycle_paid=True).billing == "paid"
    )
