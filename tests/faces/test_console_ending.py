"""Cancel and undo in the console: read first, done once, and in the status history (C-46, A-54)."""

import pytest
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, done, filled, text
from tests.faces.test_console_members import words
from tests.staff import signed_in

from paidthru.membership.models import Membership
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def of_member(found: Collection, act: str = "", name: str = "Ann") -> str:
    return at(found.world, f"members/{found.party(name)}/{act}")


def test_a_membership_is_canceled_and_goes_on_again() -> None:
    found = billed("Ann", "Bob", preset="community", billing__trigger="staff_run")
    found.collect()
    client = signed_in(found.world, "finance")
    page = text(client, of_member(found))
    assert "Cancel the membership" in page
    assert "Access Full." in page
    assert "can't be the day" in words(filled(client, of_member(found, "cancel/"), 422, on="2025-01-01"))
    said = words(filled(client, of_member(found, "cancel/"), on=""))
    assert "It goes on through Dec 31, 2026; until then this can be undone." in said
    assert "Nothing more is billed or charged by itself" in said
    done(client, of_member(found, "cancel/"), on="", why="She moves")
    page = text(client, of_member(found))
    assert "Ends on Dec 31, 2026" in page
    assert "Status history" in page
    assert "its last day is Dec 31, 2026. She moves." in page
    assert "Jan 1, 2027" not in page[page.index("Status history") :]
    assert "Undo the cancellation" in page
    listed = text(client, at(found.world, "members/?ending=yes"))
    assert "Ann" in listed
    assert "Bob" not in listed
    undo = client.get(of_member(found, "undo/")).content.decode()
    assert "it bills again on its next renewal date" in words(undo)
    assert "membership goes on" in confirmed(client, of_member(found, "undo/"), undo)
    assert "there is nothing to undo" in confirmed(client, of_member(found, "undo/"), undo)
    ann = Membership.objects.get(party_id=found.party("Ann"))
    assert (ann.state, ann.cancel_on, str(ann.next_bill_on)) == ("active", None, "2027-01-01")
    done(client, of_member(found, "cancel/"), on=found.desk.today.isoformat(), why="At once")
    page = text(client, of_member(found))
    assert "Start again" in page
    assert "Ended on" in page
    assert Event.objects.filter(verb="membership_canceled", party_id=found.party("Ann")).count() == 1
    assert "has no membership" in words(client.get(of_member(found, "cancel/"), follow=True).content)
    found.check()


def test_who_may_only_look_is_offered_nothing() -> None:
    found = billed("Ann", preset="community")
    client = signed_in(found.world, "auditor")
    assert "Cancel the membership" not in text(client, of_member(found))
    assert client.get(of_member(found, "cancel/")).status_code == 403
    assert client.post(of_member(found, "undo/")).status_code == 403
