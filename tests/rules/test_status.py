"""States and their names (A-07, A-48, C-08, C-14, C-31, C-34, C-45, P-17, P-19, X6, X7)."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.status import (
    COLLECTION,
    ENTITLEMENT,
    LIFECYCLE,
    PastDueAt,
    StatusFacts,
    label,
)

GOOD = StatusFacts("active", None, date(2026, 6, 15), date(2026, 12, 31))
FAILED = replace(GOOD, unpaid_since=date(2026, 6, 15), paid_through=date(2026, 6, 14))
ENDING = replace(GOOD, lifecycle="ending")
ENDED = replace(GOOD, lifecycle="ended")
PENDING = replace(GOOD, lifecycle="pending", paid_through=None)
LAPSED = replace(FAILED, lifecycle="ended", lapsed=True)
EXHAUSTED = replace(FAILED, exhausted=True)

WORDS = {
    "recommended": {"Pending", "Active", "Past Due", "Lapsed", "Canceled"},
    "ams_nonprofit": {"Pending", "Active", "Past Due", "Lapsed", "Canceled"},
    "ams_hoa": {"Pending", "Active", "Past Due", "Lapsed", "Canceled"},
    "community": {"Pending", "Active", "Past Due", "Canceled"},
    "association": {"Pending", "Active", "Inactive", "Canceled"},
    "coworking": {"Pending", "Active", "Delinquent", "Pending Cancellation", "Canceled"},
}


@pytest.mark.parametrize(
    ("preset", "facts", "past_due_at", "word"),
    [
        ("recommended", GOOD, "first_failure", "Active"),
        ("recommended", FAILED, "first_failure", "Past Due"),
        ("recommended", LAPSED, "first_failure", "Lapsed"),
        ("recommended", ENDED, "first_failure", "Canceled"),
        ("recommended", ENDING, "first_failure", "Active"),
        ("recommended", PENDING, "first_failure", "Pending"),
        ("recommended", FAILED, "never", "Active"),
        ("community", GOOD, "first_failure", "Active"),
        ("community", FAILED, "first_failure", "Past Due"),  # C-31
        ("community", ENDING, "first_failure", "Active"),  # C-45
        ("community", replace(FAILED, lifecycle="ending"), "first_failure", "Past Due"),  # C-34
        ("community", ENDED, "first_failure", "Canceled"),
        ("community", LAPSED, "first_failure", "Canceled"),
        ("community", PENDING, "first_failure", "Pending"),
        ("community", replace(FAILED, lifecycle="pending"), "first_failure", "Past Due"),  # C-14
        ("coworking", GOOD, "first_failure", "Active"),
        ("coworking", FAILED, "first_failure", "Delinquent"),
        ("coworking", EXHAUSTED, "never", "Delinquent"),
        ("coworking", ENDING, "first_failure", "Pending Cancellation"),  # P-17
        ("coworking", replace(FAILED, lifecycle="ending"), "first_failure", "Pending Cancellation"),
        ("coworking", ENDED, "first_failure", "Canceled"),
        ("coworking", PENDING, "first_failure", "Pending"),
        ("association", GOOD, "never", "Active"),
        ("association", FAILED, "never", "Inactive"),
        ("association", ENDING, "never", "Active"),
        ("association", ENDED, "never", "Canceled"),
        ("association", PENDING, "never", "Pending"),
        ("association", replace(GOOD, paid_through=None), "never", "Active"),  # a free plan
    ],
)
def test_labels(preset: str, facts: StatusFacts, past_due_at: PastDueAt, word: str) -> None:
    assert label(preset, facts, past_due_at) == word


@pytest.mark.parametrize(("day", "word"), [(0, "Active"), (13, "Active"), (14, "Past Due"), (29, "Past Due")])
def test_past_due_on_day_14_and_not_before_a48(day: int, word: str) -> None:
    facts = replace(EXHAUSTED, on=date.fromordinal(date(2026, 6, 15).toordinal() + day))
    assert label("ams_nonprofit", facts, ("day", 14)) == word


@pytest.mark.parametrize(
    ("grace_months", "on", "word"),
    [
        (0, date(2017, 12, 31), "Active"),
        (0, date(2018, 1, 1), "Inactive"),
        (3, date(2018, 3, 31), "Active"),
        (3, date(2018, 4, 1), "Inactive"),
    ],
)
def test_an_associations_member_is_inactive_after_paid_through_and_grace(
    grace_months: int, on: date, word: str
) -> None:
    facts = StatusFacts("active", None, on, date(2017, 12, 31), grace_months=grace_months)
    assert label("association", facts, "never") == word


def test_every_combination_has_one_of_the_presets_words_x7() -> None:
    days = [None, date(2026, 6, 1)]
    policies: list[PastDueAt] = ["first_failure", "never", ("day", 14)]
    for lifecycle, unpaid, paid, exhausted, lapsed, at in product(
        LIFECYCLE.states, days, days, [True, False], [True, False], policies
    ):
        facts = StatusFacts(lifecycle, unpaid, date(2026, 6, 15), paid, exhausted, lapsed)
        for preset, words in WORDS.items():
            assert label(preset, facts, at) in words


def test_the_lifecycle_a07() -> None:
    assert LIFECYCLE.states == ("pending", "active", "ending", "ended")
    assert LIFECYCLE.next("pending", "activate") == "active"
    assert LIFECYCLE.next("active", "cancel") == "ending"
    assert LIFECYCLE.next("ending", "undo_cancel") == "active"
    assert LIFECYCLE.next("ending", "end") == "ended"
    assert LIFECYCLE.next("active", "end") == "ended"


@pytest.mark.parametrize("event", LIFECYCLE.events)
def test_what_has_ended_stays_ended_c47(event: str) -> None:
    with pytest.raises(Refused) as refused:
        LIFECYCLE.next("ended", event)
    assert refused.value.code == "illegal_transition"


def test_a_payment_always_brings_collection_back_to_current() -> None:
    for state in COLLECTION.states:
        if state != "current":
            assert COLLECTION.next(state, "pay") == "current"


def test_restoring_always_gives_full_entitlement() -> None:
    for state in ENTITLEMENT.states:
        if state != "full":
            assert ENTITLEMENT.next(state, "restore") == "full"
