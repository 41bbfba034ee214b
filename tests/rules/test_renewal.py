"""Whom a run bills, and why it leaves others out (I-05 to I-11, I-18, C-02, C-04, P-23, A2-5)."""

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest

from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.discounts import Discount
from paidthru.membership.rules.pricing import Fee
from paidthru.membership.rules.renewal import (
    SKIP_REASONS,
    Billed,
    Candidate,
    RunRules,
    Skipped,
    decide,
)
from paidthru.membership.rules.terms import TermRules

YEAR = Interval(1, Unit.YEAR)
DUES = Fee(UUID(int=1), "Regular", 100_00, True, False, False, 0)
GIFT = Fee(UUID(int=2), "Gift", 10_00, False, True, False, 1)
ANN = Candidate(
    membership_id=UUID(int=10),
    party_id=UUID(int=11),
    plan_id=UUID(int=12),
    lifecycle="active",
    plan_kind="subscription",
    customer_type="regular",
    interval=YEAR,
    plan_interval=YEAR,
    anchor_on=date(2010, 1, 1),
    joined_on=date(2010, 1, 1),
    renewed_through=date(2017, 12, 31),
    paid_through=date(2017, 12, 31),
    cancel_on=None,
    autopay=True,
    fees=(DUES,),
    currency="USD",
)
RUN = RunRules(
    effective_on=date(2018, 1, 1),
    bill_on=date(2017, 12, 20),
    autopay_only=False,
    types=None,
    term_rules=TermRules("annual", 1, "first_of_month", None, YEAR),
)


def billed(candidate: Candidate, run: RunRules = RUN) -> Billed:
    decision = decide(candidate, run)
    assert isinstance(decision, Billed), decision
    return decision


def skipped(candidate: Candidate, run: RunRules = RUN) -> Skipped:
    decision = decide(candidate, run)
    assert isinstance(decision, Skipped), decision
    return decision


def test_a_member_paid_through_the_day_before_is_billed_i09() -> None:
    decision = billed(ANN)
    assert (decision.start, decision.end) == (date(2018, 1, 1), date(2019, 1, 1))
    assert decision.total_minor == 100_00
    assert "100.00 USD for 2018-01-01 to 2018-12-31" in decision.detail
    assert "2017-12-31" in decision.detail


def test_a_member_paid_through_the_effective_date_is_not_due_i09() -> None:
    decision = skipped(replace(ANN, paid_through=date(2018, 1, 1), renewed_through=date(2018, 1, 1)))
    assert decision.reason == "not_due"
    assert "2018-01-01" in decision.detail


def test_a_member_billed_but_unpaid_is_not_billed_again_i18() -> None:
    decision = skipped(replace(ANN, renewed_through=date(2018, 12, 31)))
    assert decision.reason == "already_billed"
    assert "2018-12-31" in decision.detail


def test_the_proposal_of_a_run_is_what_makes_the_next_run_skip_i18() -> None:
    """Advancing renewed-through at billing is the guard against billing twice."""
    first = billed(ANN)
    after = replace(ANN, renewed_through=date.fromordinal(first.end.toordinal() - 1))
    assert skipped(after).reason == "already_billed"


def test_a_member_never_paid_is_a_new_join_a2_5() -> None:
    assert skipped(replace(ANN, paid_through=None, renewed_through=None)).reason == "never_paid"
    billed_once = replace(ANN, paid_through=None, renewed_through=date(2017, 12, 31))
    assert skipped(billed_once).reason == "never_paid"
    assert "2017-12-31" in skipped(billed_once).detail


def test_a_first_term_that_is_billed_but_unpaid_is_already_billed() -> None:
    for renewed_through in (date(2018, 6, 30), date(2018, 1, 1)):
        decision = skipped(replace(ANN, paid_through=None, renewed_through=renewed_through))
        assert decision.reason == "already_billed"


def test_renewed_through_counts_as_strictly_as_paid_through() -> None:
    """On the effective date itself a term is billed already; the day before, it is not."""
    assert skipped(replace(ANN, renewed_through=date(2018, 1, 1))).reason == "already_billed"
    billed(replace(ANN, renewed_through=date(2017, 12, 31)))


def test_the_calendar_bills_new_members_once_their_start_has_come_c10_c11() -> None:
    new = replace(
        ANN, paid_through=None, renewed_through=None, anchor_on=date(2018, 1, 1), lifecycle="pending"
    )
    run = replace(RUN, include_new=True, term_rules=replace(RUN.term_rules, basis="anniversary"))
    decision = billed(new, run)
    assert (decision.start, decision.end) == (date(2018, 1, 1), date(2019, 1, 1))
    assert decision.detail.startswith("Not paid yet")
    to_come = skipped(replace(new, anchor_on=date(2018, 1, 2)), run)
    assert to_come.reason == "not_due"
    assert "2018-01-02" in to_come.detail


@pytest.mark.parametrize("kind", ["prepaid", "pay_as_you_go", "non_recurring"])
def test_plans_that_do_not_renew_by_themselves_are_never_due_c02_p23(kind: str) -> None:
    decision = skipped(replace(ANN, plan_kind=kind))
    assert decision.reason == "not_due"
    assert "plans" in decision.detail


def test_a_free_plan_bills_nothing_c04() -> None:
    assert skipped(replace(ANN, plan_kind="free", fees=())).reason == "free"


def test_only_the_cycles_customer_types_are_billed_i06() -> None:
    run = replace(RUN, types=frozenset({"student", "life"}))
    decision = skipped(ANN, run)
    assert decision.reason == "other_type"
    assert "regular" in decision.detail
    assert "life, student" in decision.detail
    billed(replace(ANN, customer_type="student"), run)


def test_autopay_only_leaves_the_others_out_i11() -> None:
    run = replace(RUN, autopay_only=True)
    billed(ANN, run)
    assert skipped(replace(ANN, autopay=False), run).reason == "not_on_autopay"
    billed(replace(ANN, autopay=False))


def test_an_ended_membership_is_canceled() -> None:
    assert skipped(replace(ANN, lifecycle="ended")).reason == "canceled"


def test_a_cancellation_says_from_when() -> None:
    dated = skipped(replace(ANN, lifecycle="ending", cancel_on=date(2017, 12, 31)))
    assert "as of 2017-12-31" in dated.detail
    assert "2018-01-01" in skipped(replace(ANN, lifecycle="ending")).detail


@pytest.mark.parametrize(
    ("cancel_on", "reason"),
    [
        (date(2018, 1, 1), "canceled"),
        (date(2017, 12, 31), "canceled"),
        (None, "canceled"),
        (date(2018, 1, 2), None),
    ],
)
def test_an_ending_membership_is_billed_only_for_a_term_before_its_end(
    cancel_on: date | None, reason: str | None
) -> None:
    ending = replace(ANN, lifecycle="ending", cancel_on=cancel_on, next_bill_on=date(2018, 1, 1))
    decision = decide(ending, RUN)
    assert (decision.reason if isinstance(decision, Skipped) else None) == reason


def test_under_a_pending_cancellation_nothing_is_billed_even_before_its_day_p17() -> None:
    assert skipped(replace(ANN, lifecycle="ending", cancel_on=date(2018, 6, 1))).reason == "canceled"


def test_a_plan_without_a_price_says_so() -> None:
    decision = skipped(replace(ANN, fees=(GIFT,)))
    assert decision.reason == "no_price"
    assert "primary fee" in decision.detail


def test_a_member_is_billed_in_the_plans_currency_a37() -> None:
    decision = billed(replace(ANN, currency="EUR"))
    assert " EUR for 2018-01-01 to 2018-12-31" in decision.detail


def test_a_complimentary_primary_fee_is_billed_at_nothing_c04() -> None:
    decision = billed(replace(ANN, fees=(replace(DUES, complimentary=True),)))
    assert decision.total_minor == 0
    assert len(decision.lines) == 1


def test_a_preview_says_what_came_off() -> None:
    coach = Discount(
        UUID(int=3), "Coach", "percentage", 250_000, 0, "USD", None, None, date(2017, 12, 1), None, None, 0
    )
    decision = billed(replace(ANN, fees=(replace(DUES, discounts=(coach,)),)))
    assert decision.total_minor == 75_00
    assert decision.detail.endswith(
        "75.00 USD for 2018-01-01 to 2018-12-31. Regular from 2018-01-01 to 2018-12-31 costs 75.00 USD: 100.00 USD,"
        " 25 % off (“Coach”)."
    )


def test_all_fees_are_billed_and_renewals_are_never_prorated_g39() -> None:
    decision = billed(replace(ANN, fees=(DUES, GIFT), paid_through=date(2016, 12, 31)))
    assert [line.amount_minor for line in decision.lines] == [100_00, 10_00]
    assert decision.total_minor == 110_00
    assert all(line.derivation["rule"] == "full_price" for line in decision.lines)


def test_anniversary_terms_go_on_where_the_last_one_ended() -> None:
    run = replace(RUN, term_rules=replace(RUN.term_rules, basis="anniversary"))
    july = replace(
        ANN, anchor_on=date(2010, 7, 1), renewed_through=date(2017, 6, 30), paid_through=date(2017, 6, 30)
    )
    decision = billed(july, run)
    assert (decision.start, decision.end) == (date(2017, 7, 1), date(2018, 7, 1))


def test_terms_never_overlap_what_is_billed_or_paid() -> None:
    """Imported members may be paid further than they were billed, or the other way round."""
    run = replace(RUN, term_rules=replace(RUN.term_rules, basis="anniversary"))
    months = [None, *(date(2017, month, 28) for month in range(1, 13))]
    for paid, renewed in product(months, months):
        decision = decide(replace(ANN, paid_through=paid, renewed_through=renewed), run)
        if isinstance(decision, Billed):
            assert paid is not None
            assert decision.start > max(paid, renewed or paid)


def test_an_interval_of_its_own_scales_term_and_price_g09() -> None:
    decision = billed(replace(ANN, interval=Interval(6, Unit.MONTH)))
    assert decision.end == date(2018, 7, 1)
    assert decision.total_minor == 50_00


def test_the_first_reason_that_holds_is_given() -> None:
    """Each fault is added to those after it; the reasons come in the promised order."""
    faults: list[tuple[str, dict[str, object]]] = [
        ("no_price", {"fees": ()}),
        ("unpaid_terms", {"further_terms": 2, "further_most": 2}),
        ("not_on_autopay", {"autopay": False}),
        ("already_billed", {"renewed_through": date(2018, 12, 31)}),
        ("not_due", {"paid_through": date(2018, 12, 31)}),
        ("never_paid", {"paid_through": None, "renewed_through": None}),
        ("other_type", {"customer_type": "student"}),
        ("free", {"plan_kind": "free"}),
        ("canceled", {"lifecycle": "ended"}),
    ]
    assert tuple(reason for reason, _ in reversed(faults)) == SKIP_REASONS
    run = replace(RUN, autopay_only=True, types=frozenset({"regular"}))
    candidate = ANN
    for reason, changes in faults:
        candidate = replace(candidate, **changes)  # type: ignore[arg-type]
        assert skipped(candidate, run).reason == reason


def test_a_price_change_between_two_runs_is_seen() -> None:
    """Priced lines are kept for members who share them, never beyond their fees."""
    assert billed(ANN).total_minor == 100_00
    assert billed(replace(ANN, fees=(replace(DUES, amount_minor=120_00),))).total_minor == 120_00
    assert billed(ANN).total_minor == 100_00


def test_members_with_one_price_share_its_lines() -> None:
    assert billed(ANN).lines is billed(replace(ANN, membership_id=UUID(int=99))).lines


def test_days_before_the_term_that_nobody_bills_are_said() -> None:
    """A term that doesn't follow the last one leaves a gap: the reason names its first and last day."""
    rules = replace(RUN, effective_on=date(2020, 1, 1))
    found = decide(replace(ANN, renewed_through=date(2018, 12, 31), paid_through=date(2018, 12, 31)), rules)
    assert isinstance(found, Billed)
    assert found.start == date(2020, 1, 1)
    assert found.gap_on == date(2019, 1, 1)
    assert found.detail.endswith("2019-01-01 to 2019-12-31 is not billed.")
    follows = decide(replace(ANN, renewed_through=date(2019, 12, 31), paid_through=date(2019, 12, 31)), rules)
    assert isinstance(follows, Billed)
    assert follows.gap_on is None and "not billed" not in follows.detail
