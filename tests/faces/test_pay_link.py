"""Paying one invoice by its link, signed out: what is shown and to whom, one payment however it is asked for, and how
staff send, copy and revoke it (A-15, A-16, X26)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.staff import signed_in
from tests.together import together
from tests.world import STAFF, a_world

from paidthru import invariants, runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.revoke_pay_link import revoke_pay_link
from paidthru.invoicing.models import Invoice, PayLink
from paidthru.invoicing.queries import pay_token
from paidthru.membership.models import Fee, Membership
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, MethodSetup, Payment, PaymentMethod
from paidthru.runs.charges import void
from paidthru.runs.sending import look_at_due
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


def _link(found: Collection, name: str) -> str:
    organization, now = found.world.organization, found.desk.clock.now()
    link = make_pay_link(organization, found.invoice(name).id, actor=STAFF, now=now)
    return f"/pay/{pay_token(link.id)}/"


def _page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response
    assert "no-store" in response["Cache-Control"]
    token = r'name="csrfmiddlewaretoken" value="[^"]+"'  # random letters, in which any short word may stand
    return re.sub(token, "", response.content.decode())


def _visit(client: Client, url: str, method: str = "card:ok") -> str:
    """A visitor enters a test method at the processor; the address of their own page."""
    sandbox = client.post(f"{url}card/")["Location"]
    back: str = client.post(sandbox, {"method": method})["Location"]
    return back.removeprefix("http://testserver")


def _pay(client: Client, here: str, amount: int = 10_000) -> str:
    """Pressed and followed: what the page says then."""
    response = client.post(f"{here}go/", {"pay": str(amount)}, follow=True)
    return response.content.decode()


def test_whoever_has_the_link_pays_that_invoice_alone_and_once(client: Client) -> None:
    """A-16: signed out, one invoice; the member's card is neither shown nor charged, the visitor's isn't kept."""
    found = billed("Ann", "Bea")
    own = PaymentMethod.objects.get(party_id=found.party("Ann"))
    own.last4 = "1881"
    own.save()
    url = _link(found, "Ann")
    page = _page(client, url)
    for said in ("Maple Club", "Invoice 1", "Ann", "Regular", "100.00", "Pay $100.00 by card"):
        assert said in page, said
    assert "1881" not in page and "Bea" not in page
    here = _visit(client, url)
    page = _page(client, here)
    assert "4242" in page and "Pay $100.00" in page
    assert "4242" not in _page(client, url), "others with the link don't see it"
    assert not Attempt.objects.exists(), "looking charges nothing"
    for _ in range(2):
        assert "Thank you: it is paid" in _pay(client, here)
    assert Payment.objects.get().amount_minor == 10_000
    assert found.invoice("Ann").state == "paid"
    attempt = found.attempt("Ann")
    assert (attempt.initiator, attempt.off_session, attempt.method.state) == ("visitor", False, "removed")
    own.refresh_from_db()
    assert own.state == "active"
    assert found.invoice("Bea").state == "sent"
    assert "Invoice 1 is paid" in _page(client, url)
    assert client.post(f"{url}card/").status_code == 409, "nothing is left to pay"
    assert Event.objects.filter(actor_kind="visitor", verb="payment_submitted").exists()
    assert invariants.check(found.world.organization.id) == []


def test_a_link_that_is_not_ours_is_404_and_guessing_is_slowed(client: Client) -> None:
    """A-16: tampered → 404, at every address; a place that guesses on is turned away, with /m/ links too."""
    found = billed("Ann")
    url = _link(found, "Ann")
    token = url.split("/")[2]
    setup = _visit(client, url).rstrip("/").split("/")[-1]
    other = _link(found, "Ann")
    assert other == url, "the link can be copied again and is the same"
    altered = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "B" + token[1:],
        token[:-1],
        token + "A",
        "x",
        "ü\0",
    ]
    altered.append(pay_token(found.invoice("Ann").id))  # signed, and no link's
    for wrong in altered:
        assert client.get(f"/pay/{wrong}/").status_code == 404, wrong
    for act in ("card/", f"with/{setup}/go/", f"with/{setup}/confirm/"):
        assert client.post(f"/pay/{altered[0]}/{act}").status_code == 404
        assert client.get(f"{url}{act}").status_code == 405
    second = billed("Zoe", name="Oak Club")
    strange = _visit(client, _link(second, "Zoe")).split("/with/")[1]
    assert "No card or account was entered" in _page(client, f"{url}with/{strange}"), "another link's"
    revoke_pay_link(
        found.world.organization, found.invoice("Ann").id, actor=STAFF, now=found.desk.clock.now()
    )
    assert client.get(url).status_code == 404
    assert client.post(f"{url}with/{setup}/go/", {"pay": "10000"}).status_code == 404
    again = _link(found, "Ann")
    assert again != url and client.get(again).status_code == 200
    for _ in range(40):
        client.get("/pay/wrong/")
    assert client.get(again).status_code == 429
    assert client.get("/m/wrong/").status_code == 429
    assert client.get(again, REMOTE_ADDR="10.0.0.9").status_code == 200
    assert not Attempt.objects.exists()


def test_what_was_read_is_what_is_paid(client: Client) -> None:
    """G-44: a voluntary line is the payer's choice; an amount that is neither is refused; a change is read again."""
    world = a_world()
    plan = world.plan()
    Fee.objects.create(
        organization=world.organization,
        plan=plan,
        name="Gift",
        amount_minor=2_000,
        voluntary=True,
        position=1,
    )
    found = billed("Ann", world=world, plan=plan)
    url = _link(found, "Ann")
    assert "$20.00 of it is voluntary" in _page(client, url)
    here = _visit(client, url)
    page = _page(client, here)
    assert "Pay $120.00" in page and "Pay $100.00, without what is voluntary" in page
    for wrong in ("1", "11000", "0", "-1", "", "9" * 30, "²"):
        response = client.post(f"{here}go/", {"pay": wrong})
        assert (response.status_code, "has changed" in response.content.decode()) == (409, True), wrong
    invoice, now = found.invoice("Ann"), found.desk.clock.now()
    credit_invoice(found.world.organization, invoice.id, amount_minor=5_000, actor=STAFF, now=now)
    assert "has changed" in _pay(client, here, 12_000)
    assert not Payment.objects.exists()
    left = [int(one) for one in re.findall(r'name="pay"\s+value="(\d+)"', _page(client, here))]
    assert left[0] - left[-1] == 2_000 or len(left) == 1
    assert "Thank you" in _pay(client, here, left[-1])
    assert Payment.objects.get().amount_minor == left[-1]
    assert invariants.check(found.world.organization.id) == []


def test_two_windows_and_a_run_pay_it_once(client: Client) -> None:
    """P-16: one open intent an invoice, against collection and another visitor at the same moment."""
    found = billed("Ann")
    url = _link(found, "Ann")
    visits = [_visit(client, url) for _ in range(2)]
    together(
        [
            lambda: Client().post(f"{visits[0]}go/", {"pay": "10000"}),
            lambda: Client().post(f"{visits[1]}go/", {"pay": "10000"}),
            found.collect,
        ]
    )
    assert found.invoice("Ann").state == "paid"
    assert Payment.objects.get().amount_minor == 10_000
    charged = [one.charges for one in found.world.processor.books()]
    assert charged == [1]
    for here in visits:
        assert "is paid" in _page(client, here)
    assert invariants.check(found.world.organization.id) == []


def test_a_visitor_s_decline_is_nobody_s_news_and_few_are_taken(client: Client) -> None:
    """Whoever has a link can make nobody past due, uses up no tries, and can't try out stolen cards."""
    found = billed("Ann")
    url, party, here = _link(found, "Ann"), found.party("Ann"), ""
    for _ in range(4):
        here = _visit(client, url, "card:insufficient_funds")
        page = _pay(client, here)
        assert "did not go through" in page and "Use another card" in page
    response = client.post(f"{url}card/")
    assert (response.status_code, "half an hour" in response.content.decode()) == (429, True)
    assert client.post(f"{here}go/", {"pay": "10000"}).status_code == 429
    assert found.states("Ann") == ["declined"] * 4
    assert not Message.objects.filter(party_id=party).exists()
    assert Membership.objects.get(party_id=party).unpaid_since is None
    found.collect()
    assert found.states("Ann")[-1] == "succeeded", "her own card has all its tries"


def test_a_bank_that_asks_is_answered_on_the_visitor_s_page_or_lets_go(client: Client) -> None:
    """B-39: the same intent is confirmed; nobody else pays meanwhile; who leaves holds it for an hour only."""
    found = billed("Ann", "Bea")
    here = _visit(client, _link(found, "Ann"), "card:authenticate")
    assert "Confirm your payment" in _pay(client, here)
    assert "under way" in _page(client, _link(found, "Ann"))
    bank = client.post(f"{here}confirm/")["Location"]
    assert client.post(bank, {"answer": "succeeded"})["Location"].endswith(f"{here}back/")
    assert "Thank you" in client.get(f"{here}back/", follow=True).content.decode()
    assert found.states("Ann") == ["succeeded"]
    there = _visit(client, _link(found, "Bea"), "card:authenticate")
    _pay(client, there)
    runs.advance(found.desk, found.desk.clock.now() + timedelta(hours=3))
    look_at_due(found.desk)
    assert found.states("Bea")[0] == "canceled"
    assert Client().post(f"{_link(found, 'Bea')}card/").status_code == 302


def test_paid_void_and_closed_ones_say_so(client: Client) -> None:
    """X26: what has no successor says what became of it; without a processor nobody is asked for a card."""
    found = billed("Ann", "Bea", "Cyd", "Dee")
    urls = {name: _link(found, name) for name in found.members}
    organization, now = found.world.organization, found.desk.clock.now()
    void(found.desk, found.invoice("Ann").id, actor=STAFF)
    credit_invoice(organization, found.invoice("Bea").id, actor=STAFF, now=now)
    Invoice.objects.filter(id=found.invoice("Cyd").id).update(
        state="closed", balance_minor=0, awaits_reissue=True
    )
    assert "Invoice 1 was withdrawn" in _page(client, urls["Ann"])
    assert "Nothing is open on invoice 2" in _page(client, urls["Bea"])
    for name in ("Ann", "Bea"):
        assert client.post(f"{urls[name]}card/").status_code == 409
    assert not MethodSetup.objects.exists()
    assert "a new invoice is made" in _page(client, urls["Cyd"])
    assert "Thank you" in _pay(client, _visit(client, urls["Cyd"]))
    assert found.invoice("Cyd").number == 5
    assert "Instead of invoice 3" not in _page(client, urls["Dee"])
    Organization.objects.filter(id=organization.id).update(mode="live", sandbox_now=None)
    page = _page(client, urls["Dee"])
    assert "can’t take cards" in page and "by card or bank account" not in page
    assert client.post(f"{urls['Dee']}card/").status_code == 409


def test_staff_send_copy_and_revoke(client: Client) -> None:
    """A-15: one mail a click, one document however often; the link is the same until it is revoked."""
    found = billed("Ann", "Bea")
    staff = signed_in(found.world, "front_desk")
    ann, bea = found.invoice("Ann"), found.invoice("Bea")
    at = f"/o/{found.world.organization.slug}/invoices/{ann.id}/"
    ann.party.email = "ann@example.org"
    ann.party.save()
    page = staff.get(at).content.decode()
    assert "Send" in page and "Copy link" in page and "Revoke link" not in page
    for key in ("one", "one", "two"):
        assert staff.post(f"{at}send/", {"key": key}).status_code == 302
    assert list(Message.objects.values_list("kind", flat=True)) == ["invoice", "invoice"]
    ann.refresh_from_db()
    assert ann.sent_at == found.desk.clock.now()
    assert Invoice.objects.count() == 2
    assert "mailed before" in staff.get(f"{at}send/").content.decode()
    assert "no e-mail address" in staff.get(at.replace(str(ann.id), str(bea.id)) + "send/").content.decode()
    assert not PayLink.objects.exists(), "the mail's link is made when it leaves"
    assert "none yet" in staff.get(f"{at}link/").content.decode()
    page = staff.post(f"{at}link/", follow=True).content.decode()
    url = f"/pay/{pay_token(PayLink.objects.get().id)}/"
    assert url in page
    assert url in staff.post(f"{at}link/", follow=True).content.decode()
    assert client.get(url).status_code == 200
    assert "Revoke link" in staff.get(at).content.decode()
    for _ in range(2):
        assert staff.post(f"{at}link/revoke/").status_code == 302
    assert client.get(url).status_code == 404
    assert Event.objects.filter(verb="pay_link_revoked").count() == 1
    viewer = signed_in(found.world, "viewer")
    assert "Copy link" not in viewer.get(at).content.decode()
    assert {viewer.post(f"{at}{act}").status_code for act in ("send/", "link/", "link/revoke/")} == {403}
