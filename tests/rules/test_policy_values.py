"""How policies are written, checked and shown: lists, calls, other ways to write a word."""

import pytest

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.policies import CATALOGUE, PRESETS, Policies, checked, parse, shown


@pytest.mark.parametrize(
    ("key", "text", "shown_as"),
    [
        ("collect.offsets", "[0, 1, 3, 3]", "[0, 1, 3, 3]"),
        ("collect.offsets", "[0]", "[0]"),
        ("collect.offsets", "[0,1 , 60]", "[0, 1, 60]"),
        ("collect.on_method_update", "charge_within(60)", "charge_within(60)"),
        ("collect.on_method_update", "charge_within(60m)", "charge_within(60)"),
        ("collect.on_method_update", "release_to_submit", "release"),
        ("collect.arrears", "current", "current_only"),
    ],
)
def test_what_is_written_is_read_and_shown(key: str, text: str, shown_as: str) -> None:
    assert shown(parse(key, text)) == shown_as
    assert parse(key, shown_as) == parse(key, text)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("collect.offsets", "[]"),
        ("collect.offsets", "[1, 3]"),  # the first try is on the due date
        ("collect.offsets", "[0, 61]"),
        ("collect.offsets", "[0, -1]"),
        ("collect.offsets", "[0, one]"),
        ("collect.offsets", "[0, 1.5]"),
        ("collect.offsets", "[0, 1, 1, 1, 1, 1, 1, 1, 1, 1]"),
        ("collect.offsets", "0"),
        ("collect.offsets", "[0, 1"),
        ("collect.max_attempts", "[3]"),
        ("collect.on_method_update", "charge_within(1441)"),
        ("collect.on_method_update", "charge_within()"),
    ],
)
def test_what_a_policy_can_not_be_is_refused_with_what_it_can(key: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(key, text)
    assert refused.value.code == "policy_value_invalid"
    assert CATALOGUE[key].expected() in (refused.value.fix or "")


def test_a_list_of_something_else_is_refused() -> None:
    for value in ([True], [0, None], ["0"]):
        with pytest.raises(Refused):
            checked("collect.offsets", value)  # type: ignore[arg-type]


def test_the_presets_offsets_are_those_of_the_requirements_a4() -> None:
    offsets = {preset: Policies.of(preset, []).numbers("collect.offsets") for preset in PRESETS}
    assert offsets == {
        "recommended": (0, 1, 3, 5, 7), "ams_nonprofit": (0,), "ams_hoa": (0,), "community": (0,),
        "association": (0,), "coworking": (0, 1, 3, 3),
    }  # fmt: skip
    for key in CATALOGUE.values():  # a preset's value is one that could be set
        for preset in PRESETS:
            assert checked(key.name, key.default(preset)) == key.default(preset)


def test_a_number_is_no_list_and_a_list_no_number() -> None:
    policies = Policies.of("coworking", [])
    with pytest.raises(Refused):
        policies.numbers("collect.max_attempts")
    with pytest.raises(Refused):
        policies.number("collect.offsets")
