"""State tables and the one kind of refusal."""

import pickle

import pytest

from paidthru.kernel.errors import Refused
from paidthru.kernel.states import Machine

DOOR = Machine(
    "door",
    "closed",
    {("closed", "open"): "open", ("open", "close"): "closed", ("closed", "lock"): "locked"},
)


def test_a_machine_follows_its_table() -> None:
    assert DOOR.next("closed", "open") == "open"
    assert DOOR.next("open", "close") == "closed"
    assert DOOR.states == ("closed", "open", "locked")
    assert DOOR.events == ("open", "close", "lock")
    assert DOOR.allows("closed", "lock")
    assert not DOOR.allows("open", "lock")


def test_what_is_not_in_the_table_is_refused_with_what_is_possible() -> None:
    with pytest.raises(Refused) as refused:
        DOOR.next("closed", "close")
    assert refused.value.code == "illegal_transition"
    assert "open, lock" in (refused.value.fix or "")


def test_a_last_state_says_so() -> None:
    with pytest.raises(Refused) as refused:
        DOOR.next("locked", "open")
    assert refused.value.code == "illegal_transition"
    assert "Nothing follows locked" in (refused.value.fix or "")


def test_the_table_cannot_be_changed() -> None:
    source = {("closed", "open"): "open"}
    door = Machine("door", "closed", source)
    source[("open", "close")] = "closed"
    assert not door.allows("open", "close")
    with pytest.raises(TypeError):
        door.table[("open", "close")] = "closed"  # type: ignore[index]


def test_an_initial_state_outside_the_table_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="ajar"):
        Machine("door", "ajar", {("closed", "open"): "open"})


def test_a_refusal_carries_everything_a_face_needs() -> None:
    refused = Refused(
        "amount_invalid", "No amount.", field="dues", row=17, value="1,25O.00", fix="Write 1250.00."
    )
    assert str(refused) == "No amount."
    assert refused.as_dict() == {
        "code": "amount_invalid",
        "message": "No amount.",
        "field": "dues",
        "row": 17,
        "value": "1,25O.00",
        "fix": "Write 1250.00.",
    }
    assert Refused("a", "b").as_dict() == {"code": "a", "message": "b"}


def test_a_refusal_survives_the_way_between_processes() -> None:
    refused = Refused("amount_invalid", "No amount.", field="dues", row=17, value=5, fix="Fix it.")
    copied = pickle.loads(pickle.dumps(refused))
    assert copied.as_dict() == refused.as_dict()
    assert str(copied) == "No amount."
