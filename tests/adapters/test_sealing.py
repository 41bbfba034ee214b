"""Secrets at rest: they open with their key, in their place, and nowhere else (I-22)."""

import base64
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paidthru.adapters.sealing import Place, Sealer
from paidthru.config import home
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id

SECRET = "sk_live_51verysecret0000wxyz"


def a_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def a_place(column: str = "secret") -> Place:
    return Place("payments_gatewayaccount", column, new_id(), new_id())


def code_of(sealer: Sealer, sealed: bytes, place: Place) -> str:
    with pytest.raises(Refused) as refused:
        sealer.open(sealed, place)
    assert SECRET not in str(refused.value.as_dict())
    return refused.value.code


def test_a_secret_opens_in_its_place_and_is_not_to_be_seen() -> None:
    sealer, place = Sealer([a_key()]), a_place()
    sealed = sealer.seal(SECRET, place)
    assert sealer.open(sealed, place) == SECRET
    assert SECRET.encode() not in sealed and b"wxyz" not in sealed
    assert sealer.seal(SECRET, place) != sealed, "the same secret twice looks different"


@pytest.mark.parametrize("moved", ["table", "column", "row", "organization"])
def test_a_secret_that_was_moved_does_not_open(moved: str) -> None:
    sealer, place = Sealer([a_key()]), a_place()
    elsewhere: dict[str, Any] = {moved: new_id() if moved in ("row", "organization") else "elsewhere"}
    there = replace(place, **elsewhere)
    assert code_of(sealer, sealer.seal(SECRET, place), there) == "seal_broken"


def test_a_secret_that_was_changed_does_not_open() -> None:
    sealer, place = Sealer([a_key()]), a_place()
    sealed = sealer.seal(SECRET, place)
    for at in range(9, len(sealed), 7):
        broken = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        assert code_of(sealer, broken, place) == "seal_broken"
    assert code_of(sealer, b"", place) == "sealing_key_missing"
    assert code_of(sealer, SECRET.encode(), place) == "sealing_key_missing"


def test_keys_are_changed_one_after_the_other() -> None:
    """B-69: the newest seals, all that are known open; what it sealed says which it was."""
    old, new, place = a_key(), a_key(), a_place()
    sealed = Sealer([old]).seal(SECRET, place)
    both = Sealer([new, old])
    assert both.open(sealed, place) == SECRET and not both.is_newest(sealed)
    again = both.seal(SECRET, place)
    assert both.is_newest(again)
    assert Sealer([new]).open(again, place) == SECRET
    assert code_of(Sealer([new]), sealed, place) == "sealing_key_missing"


@pytest.mark.parametrize("keys", [[], [""], ["c2hvcnQ="], ["not base64 at all"]])
def test_what_is_no_key_is_refused_without_being_quoted(keys: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        Sealer(keys)
    assert refused.value.code == "sealing_key_missing"
    assert not keys or not keys[0] or keys[0] not in refused.value.message


def test_no_key_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    key = a_key()
    assert key not in repr(Sealer([key])) and key not in str(Sealer([key]))


def test_the_home_keeps_its_key_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PAIDTHRU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PAIDTHRU_SEALING_KEY", raising=False)
    first = home.sealing_keys()
    assert len(first) == 1 and home.sealing_keys() == first
    kept = tmp_path / "home" / "sealing_keys"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    home.add_sealing_key()
    assert home.sealing_keys()[1:] == first and len(home.sealing_keys()) == 2
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.parent.iterdir()) == ["sealing_keys"]
    monkeypatch.setenv("PAIDTHRU_SEALING_KEY", "one, two")
    assert home.sealing_keys() == ["one", "two"]
    with pytest.raises(Refused) as refused:
        home.add_sealing_key()
    assert refused.value.code == "keys_from_environment"
