"""Tickets on the command line: an event is added, sold, listed and entered, and refusals are told (A-03, X24)."""

import json

import pytest
from tests.world import a_world
from typer.testing import CliRunner

from paidthru.faces import cli
from paidthru.kernel.errors import Refused

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, list(arguments))
    if isinstance(result.exception, Refused):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_an_event_is_sold_and_entered() -> None:
    world = a_world()
    world.member("Ann", world.plan(amount_minor=10_00), paid_through=None)
    said("event", "add", "Ball", "20.00", "2", "--on", "2999-01-01")
    codes = said("event", "sell", "Ball", "Ann", "--by", "cash")
    assert "Ann has 1 for Ball" in codes
    (row,) = json.loads(said("event", "list", "--json"))
    assert (row["sold"], row["held"], row["left"]) == (1, 0, 1)
    (ticket,) = json.loads(said("event", "tickets", "Ball", "--json"))
    assert "Ann is in" in said("event", "check-in", ticket["code"])
    with pytest.raises(Refused) as twice:
        said("event", "check-in", ticket["code"])
    assert twice.value.code == "already_in"
    with pytest.raises(Refused) as out:
        said("event", "sell", "Ball", "Ann", "--count", "2")
    assert out.value.code == "sold_out"
