"""Which level of a roster is which plan, and which is a question."""

import pytest

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.roster_report import Choices, NewPlan, UnknownPlan, settle_plans

LEVELS = {"Regular": 2772, "Student": 781, "Life": 189, "Platinum Plus": 5}


def test_without_plans_the_common_levels_become_plans_and_the_rare_one_is_a_slip() -> None:
    plans = settle_plans(LEVELS, 5020, [], Choices())
    assert plans.new == (
        NewPlan("Regular", 2772, None),
        NewPlan("Student", 781, None),
        NewPlan("Life", 189, None),
    )
    assert plans.unknown == (UnknownPlan("Platinum Plus", 5, offered=False),)
    assert plans.words == {"Regular": "Regular", "Student": "Student", "Life": "Life"}


def test_where_there_are_plans_a_common_level_is_a_question_until_it_is_answered() -> None:
    plans = settle_plans(LEVELS, 5020, ["regular", "Life"], Choices())
    assert plans.new == ()
    assert plans.unknown == (
        UnknownPlan("Student", 781, offered=True),
        UnknownPlan("Platinum Plus", 5, offered=False),
    )
    assert settle_plans(LEVELS, 5020, ["regular"], Choices(create_offered=True)).new[0].name == "Student"
    assert settle_plans(LEVELS, 5020, [], Choices(create_offered=False)).new == ()


def test_where_there_are_plans_one_or_two_rows_are_never_a_new_level() -> None:
    assert settle_plans({"Gold": 2}, 10, ["Regular"], Choices()).unknown == (
        UnknownPlan("Gold", 2, offered=False),
    )
    assert settle_plans({"Gold": 1}, 10, [], Choices()).new == (NewPlan("Gold", 1, None),)


def test_spellings_of_a_level_are_counted_together() -> None:
    plans = settle_plans({"Régulier": 1, "régulier ": 1, "REGULIER": 1}, 100, ["Gold"], Choices())
    assert plans.unknown == (UnknownPlan("Régulier", 3, offered=True),)


def test_answers_are_taken() -> None:
    said = Choices(
        plan_map={"platinum plus": "GOLD", "Student": ""}, create_plans={"Gold": 500, "Regular": None}
    )
    plans = settle_plans(LEVELS | {"Gold": 1}, 5020, ["Life"], said)
    assert plans.new == (NewPlan("Regular", 2772, None), NewPlan("Gold", 1, 500))
    assert (plans.words["platinum plus"], plans.words["Student"], plans.unknown) == ("Gold", "", ())


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        (Choices(plan_map={"Regular": "Nothing"}), "plan_unknown"),
        (Choices(plan_map={"Ruby": "Life"}), "level_unknown"),
        (Choices(create_plans={"Ruby": None}), "level_unknown"),
    ],
)
def test_answers_to_no_question_are_refused(choices: Choices, code: str) -> None:
    with pytest.raises(Refused) as refused:
        settle_plans(LEVELS, 5020, ["Life"], choices)
    assert refused.value.code == code
