"""Pending, failed and exceptional invoices in the console, each with its reason and a way out.

I-29, I-30, I-38, I-44, I-45, I-64.
"""

from datetime import date

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, hidden, text
from tests.faces.test_console_members import exported, words
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.faces.console.views import pending
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Attempt, Grant
from paidthru.people.models import Party

pytestmark = pytest.mark.django_db(transaction=True)


def used_up(*names: str, card: str = "insufficient_funds", **about: str) -> Collection:
    """Members whose three tries have failed."""
    found = billed(*names, card=card, **about)  # type: ignore[arg-type]
    for _ in range(3):
        found.collect()
        found.move(days=2)
    return found


def test_nothing_is_pending_in_an_organization_that_has_nothing() -> None:
    world = a_world()
    client = signed_in(world)
    for path, said in (
        ("pending/", "Nothing is pending"),
        ("failed/", "Nothing has failed for good"),
        ("exceptions/", "No exceptions"),
        ("failed/allow/", "Nothing has failed for good"),
        ("needs-review/", "Nothing needs a person"),
    ):
        assert said in text(client, at(world, f"renewals/{path}")), path


def test_each_pending_invoice_says_why_and_what_helps() -> None:
    found = billed("Ann", "Bob", "Cid", card=None)
    found.new_card("Bob", "expired")
    found.collect()
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    client = signed_in(found.world)
    listed = text(client, at(found.world, "renewals/pending/"))
    assert "Ann" in listed and "There is no payment method on file. Ask the member to add one." in listed
    assert (
        f"/members/{found.party('Ann')}/link/"
        in client.get(at(found.world, "renewals/pending/")).content.decode()
    )
    rows = exported(client, at(found.world, "renewals/pending/?export=csv"))
    assert {row["member"] for row in rows} >= {"Ann", "Cid"}
    assert all(row["why it waits"] and row["what helps"] for row in rows)
    viewer = signed_in(found.world, "viewer")
    assert "Send the member a link" not in text(viewer, at(found.world, "renewals/pending/"))


def test_what_failed_three_times_is_found_and_one_more_try_is_allowed() -> None:
    found = used_up("Ann")
    client = signed_in(found.world)
    assert found.states("Ann") == ["declined"] * 3
    assert "Ann" in text(client, at(found.world, "renewals/failed/"))
    assert "Ann" in text(client, at(found.world, "payments/?status=rejected"))
    assert found.listed() == {"Ann": "attempts_exhausted"}
    path = at(found.world, f"invoices/{found.invoice('Ann').id}/allow/")
    page = filled(client, path, why="She has money again")
    assert "for one try with the payment method on file" in words(page)
    assert not Grant.objects.exists()
    assert "Another attempt at invoice 1 is allowed." in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert (Grant.objects.get().granted_by, Grant.objects.get().why) == (
        "Pat Treasurer",
        "She has money again",
    )
    assert found.listed() == {"Ann": ""}
    assert "Allowed another attempt at invoice 1." in text(
        client, at(found.world, f"invoices/{found.invoice('Ann').id}/")
    )
    assert "can be tried as it is" in words(filled_and_confirmed(client, path))


def filled_and_confirmed(client: Client, path: str) -> str:
    page = filled(client, path)
    answer = client.post(path, hidden(page))
    assert answer.status_code == 409
    return answer.content.decode()


def test_many_are_allowed_after_the_list_was_read() -> None:
    found = used_up("Ann", "Bob")
    client, path = signed_in(found.world), at(found.world, "renewals/failed/allow/")
    page = client.get(path).content.decode()
    for said in (
        "To allow 2",
        "$200.00",
        "Allows one more try of 2 invoices, $200.00 in all",
        "Nothing is charged",
    ):
        assert said in words(page), said
    for _ in range(2):
        answer = words(client.post(path, hidden(page), follow=True).content)
        assert "Another attempt is allowed for 2 invoices." in answer or "nothing was done twice" in answer
    assert Grant.objects.count() == 2
    assert found.listed() == {"Ann": "", "Bob": ""}


def test_a_list_that_changed_is_read_again() -> None:
    found = used_up("Ann", "Bob")
    client, path = signed_in(found.world), at(found.world, "renewals/failed/allow/")
    page = client.get(path).content.decode()
    found.new_card("Bob")
    answer = client.post(path, hidden(page))
    assert answer.status_code == 409
    assert "The list has changed since you read it. Nothing was done" in words(answer.content)
    assert not Grant.objects.exists()
    assert client.post(path, {}).status_code == 409


def test_what_nobody_may_allow_is_left_out_with_its_reason() -> None:
    found = used_up("Ann", card="revocation_of_all_authorizations")
    client = signed_in(found.world)
    page = text(client, at(found.world, "renewals/failed/allow/"))
    assert "Left out 1" in page
    assert "Send the member a link" in page
    path = at(found.world, f"invoices/{found.invoice('Ann').id}/allow/")
    assert "withdrawn the permission" in words(filled_and_confirmed(client, path))
    assert not Grant.objects.exists()


def test_an_earlier_term_stands_with_the_exceptions() -> None:
    found = used_up("Ann")
    found.advance(days=360)
    runs.generate(found.desk, name="Renewals 2027", effective_on=date(2027, 1, 1), actor=STAFF)
    found.advance(days=10)
    client = signed_in(found.world)
    shown = text(client, at(found.world, "renewals/exceptions/"))
    assert "A later term has fallen due" in shown, found.listed()


def test_pages_of_a_long_list_lead_onward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "PAGE", 2)
    found = billed("Ann", "Bob", "Cid", card=None)
    client = signed_in(found.world)
    first = client.get(at(found.world, "renewals/pending/")).content.decode()
    assert 'rel="next"' in first
    assert "Ann" in first and "Cid" not in first
    tail = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "Cid" in text(client, at(found.world, f"renewals/pending/{tail}"))


ACTS = {
    "renewals/pending/": "view",
    "renewals/failed/": "view",
    "renewals/exceptions/": "view",
    "renewals/needs-review/": "view",
    "renewals/failed/allow/": "allow_attempt",
    "invoices/{invoice}/allow/": "allow_attempt",
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    found, other = used_up("Ann"), a_world(name="Other")
    tail = path.format(invoice=found.invoice("Ann").id)
    for role in ROLES:
        client, allowed = signed_in(found.world, role), ACTS[path] in MAY[role]
        assert client.get(at(found.world, tail)).status_code == (200 if allowed else 403), role
        if not allowed:
            assert client.post(at(found.world, tail)).status_code == 403, role
    stranger = signed_in(other)
    for method in ("get", "post"):
        assert getattr(stranger, method)(at(found.world, tail)).status_code == 404
        if "{" in path:
            assert getattr(stranger, method)(at(other, tail)).status_code == 404
        assert getattr(Client(), method)(at(found.world, tail)).status_code == 302
    if ACTS[path] != "view":
        assert signed_in(found.world, csrf=True).post(at(found.world, tail)).status_code == 403
    assert not Grant.objects.exists()
    assert Attempt.objects.count() == 3
