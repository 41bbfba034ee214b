"""`paidthru refund`: asking, approving, recording, and what it says to bad input (A-34 to A-36, G-03)."""

import pytest
from tests.faces.test_cli import refused, run
from tests.refunding import give, paid
from tests.world import a_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refund_is_asked_for_sent_and_listed() -> None:
    paid("Ann")
    said = run(
        "refund", "request", "1", "--amount", "30.00", "--because", "Moved away", "--key", "a", "--json"
    ).json
    assert (said["refund"], said["amount"], said["state"], said["reason"]) == (
        1,
        "30.00",
        "Done",
        "Moved away",
    )
    assert (
        run("refund", "request", "1", "--amount", "30.00", "--because", "Moved away", "--key", "a").code == 0
    )
    assert refused("refund", "request", "1", "--amount", "70.01") == "refund_exceeds_payment"
    assert refused("refund", "request", "1", "--amount", "5 EUR") == "currency_mismatch"
    assert refused("refund", "request", "9") == "payment_unknown"
    assert "70.00 USD of payment 1 for Ann: Done." in run("refund", "request", "1").out
    (second, first) = run("refund", "list", "--json").json["refunds"]
    assert (first["amount"], second["amount"]) == ("30.00", "70.00")
    assert "Done" in run("refund", "list").out


def test_money_given_back_by_hand_is_recorded() -> None:
    found = paid("Ann")
    by_check = ("refund", "record", "1", "--by", "check")
    assert run(*by_check, "--amount", "25.00", "--json").json["by"] == "check"
    assert refused(*by_check, "--amount", "0") == "amount_invalid"
    assert refused(*by_check, "--amount", "1", "--given-on", "2030-01-01") == "past_date"
    assert refused(*by_check, "--amount", "1", "--given-on", "soon") == "date_invalid"
    assert refused("refund", "record", "1", "--by", "doves", "--amount", "1") == "means_unknown"
    assert found.balances()["Bank"] == -2_500


def test_what_waits_is_approved_turned_down_or_called_off() -> None:
    found = paid("Ann", staff__separation="on")
    assert "Nothing has been given back yet." in run("refund", "list").out
    kim, lee = ("--as", "kim@maple.example"), ("--as", "lee@maple.example")
    for one in (kim, lee):
        assert run("staff", "add", "--email", one[1], "--name", "Kim Lee", "--role", "approver").code == 0
    assert run("staff", "add", "--email", "desk@maple.example", "--role", "front_desk").code == 0
    asked = ("refund", "request", "1", "--amount", "10")
    assert refused(*asked) == "actor_unnamed"  # whoever types it could approve it too
    assert refused(*asked, "--as", "nobody@maple.example") == "staff_unknown"
    assert refused(*asked, "--as", "desk@maple.example") == "role_lacking"
    assert "Waiting for approval" in run(*asked, *kim).out
    give(found, "Ann", 2_000)  # asked for in the console
    assert refused("refund", "approve", "1") == "actor_unnamed"
    assert refused("refund", "approve", "2") == "actor_unnamed"
    assert refused("refund", "approve", "1", *kim) == "own_request"
    waiting = run("refund", "list", "--waiting", "--json").json["refunds"]
    assert [one["refund"] for one in waiting] == [1, 2]
    assert run("refund", "approve", "2", *kim, "--json").json["state"] == "Done"
    own = run("refund", "turn-down", "1", "--because", "No", *kim, "--json").json
    assert (own["state"], own["requested_by"]) == ("Canceled", "Kim Lee")
    assert run(*asked, *kim).code == 0
    assert run("refund", "approve", "3", *lee, "--json").json["state"] == "Done"  # another, of the same name
    assert refused("refund", "withdraw", "2") == "refund_concluded"
    assert refused("refund", "approve", "7") == "refund_unknown"
    assert "No refund waits" in run("refund", "list", "--waiting").out


def test_another_organization_s_numbers_are_its_own() -> None:
    paid("Ann")
    paid("Bob", world=a_world(name="Oak Club"))
    assert run("refund", "request", "1", "--org", "oak-club", "--json").json["member"] == "Bob"
    assert run("refund", "list", "--org", "maple-club", "--json").json["refunds"] == []
