"""The pages behind a secret link: a member saves a way to pay; nobody here sees what is typed (C-15, C-40, X20)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.collecting import Collection, billed, meddled
from tests.world import STAFF

from paidthru.actions.make_link import make_link
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import IntentStatus
from paidthru.payments.models import MemberLink, MethodSetup, PaymentMethod

pytestmark = pytest.mark.django_db(transaction=True)


def _link(found: Collection, name: str, purpose: str = "method", **about: object) -> str:
    _, token = make_link(
        found.world.organization, found.party(name), purpose=purpose, actor=STAFF, now=found.desk.clock.now(), **about  # type: ignore[arg-type]
    )  # fmt: skip
    return f"/m/{token}/"


def _page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def test_a_member_saves_a_card_and_sees_first_what_is_charged(client: Client) -> None:
    found = billed("Ann")
    old = PaymentMethod.objects.get(party_id=found.party("Ann"))
    url = _link(found, "Ann")
    page = _page(client, url)
    assert "Change your payment method" in page
    assert "4242" in page
    assert "100.00" in page
    sandbox = client.post(f"{url}save/")["Location"]
    assert "card that pays" in _page(client, sandbox)
    assert client.post(sandbox, {"method": "something else"}).status_code == 422
    back = client.post(sandbox, {"method": "bank:ok"})["Location"]
    assert "Saved: Test bank" in _page(client, back)
    assert "Saved: Test bank" in _page(client, back)  # again: it is the same one
    new = PaymentMethod.objects.get(party_id=found.party("Ann"), state="active")
    old.refresh_from_db()
    assert (new.kind, old.state) == ("bank", "replaced")
    assert PaymentMethod.objects.filter(party_id=found.party("Ann")).count() == 2
    found.collect()
    assert found.attempt("Ann").method_id == new.id  # the old token is never charged again


def test_where_no_processor_is_connected_the_page_says_so(client: Client) -> None:
    found = billed("Ann", card=None)
    url = _link(found, "Ann")
    Organization.objects.filter(id=found.world.organization.id).update(mode="live", sandbox_now=None)
    MemberLink.objects.update(expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    page = _page(client, url)
    assert "can’t take cards or bank accounts here yet" in page
    assert "save/" not in page
    answer = client.post(f"{url}save/")
    assert answer.status_code == 409
    assert "can’t take cards" in answer.content.decode()
    assert not MethodSetup.objects.exists()


def test_opening_a_link_changes_nothing_and_nothing_is_believed(client: Client) -> None:
    found = billed("Ann", card=None)
    url = _link(found, "Ann")
    assert client.get(f"{url}save/").status_code == 405
    setups = MethodSetup.objects.count()
    assert "Nothing was saved" in _page(client, f"{url}back/?setup=01890000-0000-7000-8000-000000000000")
    assert "Nothing was saved" in _page(client, f"{url}back/?setup=nonsense")
    assert (MethodSetup.objects.count(), PaymentMethod.objects.count()) == (setups, 0)


def test_a_saving_of_somebody_else_is_not_shown_or_taken(client: Client) -> None:
    found = billed("Ann", "Bob", card=None)
    ann, bob = _link(found, "Ann"), _link(found, "Bob")
    sandbox = client.post(f"{ann}save/")["Location"]
    back = client.post(sandbox, {"method": "card:ok"})["Location"]
    setup = back.partition("?")[2]
    assert "Nothing was saved" in _page(client, f"{bob}back/?{setup}")
    assert PaymentMethod.objects.count() == 0


def test_a_link_that_never_was_has_expired_or_was_taken_back_says_the_same(client: Client) -> None:
    found = billed("Ann")
    gone, late = _link(found, "Ann"), _link(found, "Ann")
    MemberLink.objects.filter(party_id=found.party("Ann")).order_by("id")[:1]
    MemberLink.objects.filter(id=MemberLink.objects.earliest("id").id).update(
        revoked_at=found.desk.clock.now()
    )
    pages = {_page(client, "/m/never-was/", 404), _page(client, gone, 404)}
    found.move(days=15)
    pages.add(_page(client, late, 404))
    assert len(pages) == 1
    assert client.post(f"{late}save/").status_code == 404


def test_a_payment_that_asks_for_it_is_confirmed_on_the_same_intent(client: Client) -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    assert found.states("Ann") == ["requires_action"]
    url = _link(found, "Ann", "confirm", attempt_id=found.attempt("Ann").id)
    assert "Confirm your payment" in _page(client, url)
    bank = client.post(f"{url}confirm/")["Location"]
    asked = _page(client, bank)
    assert "Confirm the payment" in asked
    assert "100.00" in asked, "the payer sees what they agree to"
    back = client.post(bank, {"answer": "succeeded"})["Location"]
    assert "The payment has arrived" in _page(client, back)
    assert found.states("Ann") == ["succeeded"]
    assert (len(found.payments("Ann")), found.charged()) == (1, 1)
    assert "The payment has arrived" in _page(client, url)
    assert client.post(f"{url}confirm/")["Location"].endswith("/back/")  # nothing waits for them any more
    found.check()


def test_coming_back_is_only_looking_and_sends_nothing(client: Client) -> None:
    """The address that a bank leads back to is opened by mail programs too: it asks and settles."""
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    url = _link(found, "Ann", "confirm", attempt_id=found.attempt("Ann").id)
    gateway = meddled(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("paidthru.faces.portal.views.desk_for", lambda organization: found.desk)
        gateway.fetch = lambda call: replace(call(), status=IntentStatus.REQUIRES_CONFIRMATION)
        _page(client, f"{url}back/")
        gateway.fetch = lambda call: call()
        found.move(days=8)  # long enough to be given up, by the worker
        _page(client, f"{url}back/")
    assert gateway.keys == []
    assert len(found.states("Ann")) == 1


def test_a_member_removes_what_is_on_file(client: Client) -> None:
    found = billed("Ann", "Bob")
    old = PaymentMethod.objects.get(party_id=found.party("Ann"))
    url, bob = _link(found, "Ann"), _link(found, "Bob")
    assert f'formaction="{url}remove/"' in _page(client, url)
    assert client.get(f"{url}remove/").status_code == 405
    asked = client.post(f"{url}remove/", {"remove": "ask"}).content.decode()
    assert "Remove your payment method?" in asked and "Nothing is charged by itself any more" in asked
    client.post(f"{bob}remove/", {"remove": str(old.id)})  # somebody else's link
    assert "Change your payment method" in client.post(f"{url}remove/", {"remove": "no"}).content.decode()
    old.refresh_from_db()
    assert old.state == "active"
    said = client.post(f"{url}remove/", {"remove": str(old.id)}, follow=True).content.decode()
    assert f"Removed: {old.brand}" in said and "Save a payment method" in said
    old.refresh_from_db()
    assert old.state == "removed"
    assert "remove/" not in client.post(f"{url}remove/", {"remove": str(old.id)}).content.decode()
    assert found.listed()["Ann"] == "no_payment_method"
    found.collect()
    assert [len(found.payments(name)) for name in ("Ann", "Bob")] == [0, 1]


def test_a_link_to_confirm_a_payment_removes_nothing(client: Client) -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    url = _link(found, "Ann", "confirm", attempt_id=found.attempt("Ann").id)
    method = PaymentMethod.objects.get(party_id=found.party("Ann"))
    assert client.post(f"{url}remove/", {"remove": str(method.id)}).status_code == 404
    method.refresh_from_db()
    assert method.state == "active"


def test_a_payment_that_is_refused_there_leads_to_another_method(client: Client) -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    url = _link(found, "Ann", "confirm", attempt_id=found.attempt("Ann").id)
    bank = client.post(f"{url}confirm/")["Location"]
    back = client.post(bank, {"answer": "failed"})["Location"]
    page = _page(client, back)
    assert "did not go through" in page
    assert f"{url}save/" in page
    assert found.states("Ann") == ["declined"]
    found.check()
