"""Pledges in the console are entered, changed and canceled; tax receipts voided and replaced (A-25 to A-28)."""

from datetime import UTC, date, datetime

import pytest
from tests.faces.acting import at, done, filled, text
from tests.staff import signed_in
from tests.world import World, a_world, party_named

from paidthru.actions.record_payment import record_payment
from paidthru.giving.models import Pledge, PledgePart, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.people.models import Party
from paidthru.runs.clockwork import advance, work
from paidthru.runs.giving import give
from paidthru.runs.pledges import keep_receipts
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = Actor("staff", "Kim")


@pytest.fixture
def world() -> World:
    found = a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))
    found.card(found.party("Ann"))
    return found


def test_a_pledge_is_entered_billed_changed_and_canceled(world: World) -> None:
    client = signed_in(world)
    assert "Nobody pledged yet" in text(client, at(world, "pledges/"))
    asked = {
        "member": "Ann",
        "amount": "1000.00",
        "instalments": "3",
        "every": "month",
        "first_on": "2026-03-10",
    }
    wrong = filled(client, at(world, "pledges/new/"), 409, **asked | {"first_on": "2026-03-09"})
    assert "an instalment can&#x27;t be due before" in wrong
    assert "more than nothing" in filled(client, at(world, "pledges/new/"), 422, **asked | {"amount": "0"})
    read = filled(client, at(world, "pledges/new/"), 200, **asked)
    assert "3 instalments of $333.33 are billed, the last of $333.34" in read
    done(client, at(world, "pledges/new/"), **asked)
    one = Pledge.objects.get()
    work(world.desk)
    record_payment(
        world.organization, one.party_id, amount_minor=100_00, currency="USD", means="check",
        actor=CLERK, now=world.desk.clock.now(),
    )  # fmt: skip
    here = at(world, f"pledges/{one.id}/")
    shown = text(client, here)
    assert "Fulfilled 10%" in shown and "Instalments" in shown and "Billed" in shown
    assert "Ann" in text(client, at(world, "pledges/?q=Ann"))
    assert "1000.00" in b"".join(client.get(at(world, "pledges/?export=csv"))).decode()
    assert "Pledges" in text(client, at(world, f"members/{one.party_id}/"))

    asked = {
        "left": "500.00",
        "instalments": "2",
        "every": "quarter",
        "first_on": "2026-05-01",
        "why": "Less work",
    }
    assert "more than there is" in filled(client, f"{here}change/", 422, **asked | {"left": "666.68"})
    done(client, f"{here}change/", **asked)
    parts = PledgePart.objects.filter(pledge=one, invoice=None).order_by("n")
    assert [(part.due_on, part.amount_minor) for part in parts] == [
        (date(2026, 5, 1), 250_00),
        (date(2026, 8, 1), 250_00),
    ]
    assert "Written down $166.67" in text(client, here)
    done(client, f"{here}cancel/", why="Moved away")
    one.refresh_from_db()
    assert (one.written_down_minor, PledgePart.objects.filter(invoice=None).count()) == (666_67, 0)
    other = signed_in(a_world("ams_nonprofit", name="Oak Club"), email="kim@oak.example")
    for act in ("", "change/", "cancel/"):
        assert other.get(here + act).status_code == 404
        assert other.get(f"/o/oak-club/pledges/{one.id}/{act}").status_code == 404


def test_a_tax_receipt_is_voided_held_back_and_replaced(world: World) -> None:
    ann, client = party_named(world, "Ann"), signed_in(world)
    assert "No tax receipts" in text(client, at(world, "tax-receipts/"))
    give(
        world.desk,
        Giving(ann.id, 300_00, "USD", None, "portal", "on_file", advantage_minor=40_00),
        actor=CLERK,
    )
    work(world.desk)
    first = TaxReceipt.objects.get()
    here = at(world, f"tax-receipts/{first.id}/")
    assert "$260.00" in text(client, here)
    for _once in range(2):  # a double click voids once
        filled(client, f"{here}void/", 302, why="Wrong name")
    work(world.desk)
    assert TaxReceipt.objects.filter(state="issued").count() == 0, "what staff hold back stays so"
    advance(world.desk, datetime(2026, 3, 13, 15, tzinfo=UTC))
    assert TaxReceipt.objects.count() == 1

    Party.objects.filter(id=ann.id).update(name="Dr. Ann Lee")
    filled(client, f"{here}replace/", 302, why="Her name")
    second = TaxReceipt.objects.get(state="issued")
    assert (second.number, second.donor, second.replaces_id) == (2, "Dr. Ann Lee", first.id)
    first.refresh_from_db()
    assert (first.state, first.held_back, first.donor) == ("void", False, "Ann")
    assert "stands in its place" in filled(client, f"{here}replace/", 422, why="Again")
    assert Message.objects.filter(kind="tax_receipt").count() == 2
    assert "Replaced by 2" in text(client, here)
    assert "Dr. Ann Lee" in text(client, at(world, "tax-receipts/?year=2026&state=issued"))
    for path in ("pdf/", "pdf/?duplicate=1"):
        assert client.get(at(world, f"tax-receipts/{second.id}/{path}")).content.startswith(b"%PDF")
    assert client.get(at(world, f"members/{ann.id}/given/2026/")).content.startswith(b"%PDF")
    assert client.get(at(world, f"members/{ann.id}/given/2025/")).status_code == 404
    assert keep_receipts(world.desk) == 0
