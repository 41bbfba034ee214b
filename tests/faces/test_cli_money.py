"""`paidthru payment`, `credit`, `unpaid`: a sum for several invoices, taken off, applied again (A-37, A-41)."""

import pytest
from tests.faces.test_cli import refused, run
from tests.faces.test_console_by_hand import invoiced
from tests.world import a_world

from paidthru import invariants

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sum_is_shared_out_taken_off_and_applied_by_command() -> None:
    world = a_world()
    first, second = invoiced(world, 60_00, 30_00)
    who = f"#{first.party.number}"
    by_check = ("payment", "record", who, "--means", "check", "--amount", "80")
    one, two = f"{first.number}=50", f"{second.number}=20"
    assert refused(*by_check, "--part", "99=5") == "invoice_unknown"
    assert refused(*by_check, "--part", f"{first.number}") == "option_unreadable"
    assert refused(*by_check, "--part", f"{first.number}=70") == "allocation_exceeds_balance"
    assert refused(*by_check, "--part", one, "--on-account") == "option_unreadable"
    said = run(*by_check, "--part", one, "--part", two, "--key", "a", "--json").json
    assert (said["owed"], said["credit"]) == ("20.00", "10.00")
    again = run(*by_check, "--part", one, "--part", two, "--key", "a", "--json").json
    assert again == said, "the same key is the same payment"
    (owing,) = run("unpaid", "--json").json["unpaid"]
    assert owing["total"] == "20.00"
    assert "Together" in run("unpaid").out
    taken = run("payment", "unapply", "1", "--invoice", str(second.number), "--json").json
    assert (taken["owed"], taken["credit"]) == ("40.00", "30.00")
    assert refused("payment", "unapply", "7") == "payment_unknown"
    assert refused("credit", "apply", who, "--part", f"{second.number}=31") == "credit_exceeded"
    assert refused("credit", "apply", who) == "nothing_to_apply"
    used = run("credit", "apply", who, "--part", f"{second.number}=30", "--json").json
    assert (used["owed"], used["credit"]) == ("10.00", "0.00")
    assert "Nothing is owed." in run("unpaid", "--currency", "EUR").out
    assert invariants.check(world.organization.id) == []
