"""Invoices voided, credited and collected, members charged and sent links: read first, done once (C-15, I-34, P-25)."""

import re

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import a_world

from paidthru import runs
from paidthru.faces.portal.urls import urlpatterns as portal
from paidthru.invoicing.models import CreditNote, Invoice
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Attempt, MemberLink, Payment, PaymentMethod
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


def of_invoice(found: Collection, act: str = "", name: str = "Ann") -> str:
    return at(found.world, f"invoices/{found.invoice(name).id}/{act}")


def of_member(found: Collection, act: str = "", name: str = "Ann") -> str:
    return at(found.world, f"members/{found.party(name)}/{act}")


# ---------------------------------------------------------------- an open invoice


def test_an_invoice_is_voided_with_a_reason() -> None:
    found = billed("Ann")
    client = signed_in(found.world, "finance")
    assert "Say why in a sentence." in words(filled(client, of_invoice(found, "void/"), 422))
    page = filled(client, of_invoice(found, "void/"), why="Billed twice")
    assert "Ann no longer owes $100.00; the income of it is taken back." in words(page)
    assert "Invoice 1 is void." in confirmed(client, of_invoice(found, "void/"), page)
    assert "nothing was done twice" in confirmed(client, of_invoice(found, "void/"), page)
    assert (found.invoice("Ann").state, found.listed()) == ("void", {})
    assert "Voided invoice 1: $100.00 is not owed any more." in text(client, of_invoice(found))
    for act in ("void/", "credit/", "collect/"):
        assert "asks for nothing any more: it is void" in text(client, of_invoice(found, act), 409)
        assert f"{act}" not in client.get(of_invoice(found)).content.decode()
    found.check()


def test_an_invoice_is_credited_in_part_and_then_whole() -> None:
    """I-34: credited to nothing, it is not submitted any more."""
    found = billed("Ann")
    client, path = signed_in(found.world, "finance"), of_invoice(found, "credit/")
    for fields, said in (
        ({"extent": "part", "reason": "x"}, "Enter how much is credited."),
        ({"extent": "part", "amount": "100.01", "reason": "x"}, "Enter 100.00 USD or less."),
        ({"extent": "all"}, "Say why in a sentence."),
        ({"reason": "x"}, "Choose whether all of it is credited, or a part."),
    ):
        assert said in words(filled(client, path, 422, **fields)), said
    page = filled(client, path, extent="part", amount="40", reason="Goodwill")
    assert "Leaves $60.00 to be paid." in words(page)
    assert "Credit note 1 over $40.00 is issued." in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert "void/" not in client.get(of_invoice(found)).content.decode(), "a part is credited"
    shown = text(client, of_invoice(found))
    assert "Credit notes" in shown and "Goodwill" in shown
    page = filled(client, path, extent="all", reason="Moved away")
    assert "Nothing is open then" in words(page)
    confirmed(client, path, page)
    assert found.invoice("Ann").balance_minor == 0
    assert found.listed() == {}
    assert CreditNote.objects.count() == 2
    found.check()


def test_an_amount_beside_all_that_is_open_is_refused_never_all_of_it() -> None:
    found = billed("Ann")
    page = filled(
        signed_in(found.world), of_invoice(found, "credit/"), 422, extent="all", amount="10", reason="x"
    )
    assert "You typed 10 but chose all of it." in words(page)
    assert not CreditNote.objects.exists()


def test_what_is_paid_and_what_is_credited_are_told_apart() -> None:
    found = billed("Ann", "Bob")
    client = signed_in(found.world)
    path = of_invoice(found, "credit/")
    confirmed(client, path, filled(client, path, extent="part", amount="40", reason="Goodwill"))
    shown = text(client, of_invoice(found))
    assert "Paid $0.00 Credited $40.00 Balance $60.00" in shown
    assert "Credit note 1 for invoice 1" in shown.split("In the books")[-1]
    assert "credited in part, and can’t be void" in text(client, of_invoice(found, "void/"), 409)
    found.collect()
    assert "Paid $60.00 Credited $40.00 Balance $0.00" in text(client, of_invoice(found))
    path = of_invoice(found, "void/", "Bob")
    assert "Paid $100.00" in text(client, of_invoice(found, "", "Bob"))


def test_a_void_invoice_was_not_paid_and_a_charge_billed_no_term() -> None:
    found = billed("Ann")
    client, path = signed_in(found.world), of_invoice(found, "void/")
    page = filled(client, path, why="Twice")
    assert "The term that it billed stays" in words(page)
    confirmed(client, path, page)
    assert "Paid $0.00" in text(client, of_invoice(found))
    found.behave("Ann", "decline", "insufficient_funds")
    charge = of_member(found, "charge/")
    confirmed(client, charge, filled(client, charge, amount="25", purpose="Guest fee"))
    one = Invoice.objects.get(kind="charge")
    page = filled(client, at(found.world, f"invoices/{one.id}/void/"), why="A mistake")
    assert "no longer owes $25.00" in words(page)
    assert "The term" not in words(page)


def test_a_payment_under_way_is_told_of() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent")
    found.collect()
    page = filled(signed_in(found.world), of_invoice(found, "void/"), why="A mistake")
    assert "A payment of it is under way." in words(page)


def test_what_changed_meanwhile_is_read_again() -> None:
    found = billed("Ann")
    client = signed_in(found.world)
    page = filled(client, of_invoice(found, "credit/"), extent="all", reason="x")
    found.collect()
    answer = client.post(of_invoice(found, "credit/"), hidden(page))
    assert answer.status_code == 409
    assert "asks for nothing any more: it is paid" in words(answer.content)
    assert found.invoice("Ann").state == "paid"
    assert not CreditNote.objects.exists()


def test_an_invoice_is_collected_now_and_once() -> None:
    found = billed("Ann", "Bob")
    found.behave("Bob", "decline", "insufficient_funds")
    client = signed_in(found.world, "finance")
    page = client.get(of_invoice(found, "collect/")).content.decode()
    assert "Charges $100.00 to Test card ending in 4242, now." in words(page)
    for _ in range(2):
        assert "$100.00 was collected." in confirmed(client, of_invoice(found, "collect/"), page)
    assert (Payment.objects.count(), Attempt.objects.count()) == (1, 1)
    path = of_invoice(found, "collect/", "Bob")
    page = client.get(path).content.decode()
    for _ in range(2):
        assert "$100.00 was not collected. There is not enough money in the account." in confirmed(
            client, path, page
        )
    assert found.states("Bob") == ["declined"], "a double click is one try"
    assert client.post(path, {}).status_code == 302, "without the form's key nothing is charged"
    assert found.states("Bob") == ["declined"]


def test_what_can_t_be_collected_is_said_with_the_way_out() -> None:
    found = billed("Ann", card=None)
    client = signed_in(found.world)
    assert "Send the member a link to save one" in text(client, of_invoice(found, "collect/"), 409)
    found.new_card("Ann", "ok")
    page = client.get(of_invoice(found, "collect/")).content.decode()
    found.behave("Ann", "silent")
    assert "$100.00 is asked for: In Progress." in confirmed(client, of_invoice(found, "collect/"), page)
    again = client.get(of_invoice(found, "collect/")).content.decode()
    assert "A payment of this invoice is under way already." in confirmed(
        client, of_invoice(found, "collect/"), again
    )
    assert len(found.attempts("Ann")) == 1


def test_collect_now_is_not_offered_while_an_attempt_is_under_way() -> None:
    found = billed("Ann")
    client = signed_in(found.world)
    assert "collect/" in client.get(of_invoice(found)).content.decode()
    found.behave("Ann", "silent")
    found.collect()
    assert "collect/" not in client.get(of_invoice(found)).content.decode()


# ---------------------------------------------------------------- charge now


def test_a_member_is_charged_an_amount_for_something() -> None:
    found = billed("Ann")
    client, path = signed_in(found.world, "finance"), of_member(found, "charge/")
    for fields, said in (
        ({"purpose": "Guest"}, "Enter the amount."),
        ({"amount": "0", "purpose": "Guest"}, "more than nothing"),
        ({"amount": "12.345", "purpose": "Guest"}, "12.345"),
        ({"amount": "5"}, "Say what it is for"),
        ({"amount": "5", "purpose": "4242-4242-4242-4242"}, "Members enter their own; send them a link."),
    ):
        assert said in words(filled(client, path, 422, **fields)), said
    page = filled(client, path, amount="25.00", purpose="Guest fee")
    assert "Issues an invoice over $25.00: Guest fee." in words(page)
    assert "Charges $25.00 to Test card ending in 4242, now." in words(page)
    assert not Payment.objects.exists()
    assert "$25.00 was collected." in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert [one.amount_minor for one in Payment.objects.all()] == [2_500]
    assert Invoice.objects.filter(kind="charge").count() == 1
    shown = text(client, of_invoice(found))
    assert "Billed by A charge by staff" in shown
    found.check()


def test_a_charge_that_is_declined_leaves_the_invoice_open() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    client, path = signed_in(found.world), of_member(found, "charge/")
    page = filled(client, path, amount="25", purpose="Guest fee")
    for _ in range(2):
        confirmed(client, path, page)
    charge = Invoice.objects.get(kind="charge")
    assert (charge.state, charge.balance_minor, found.states("Ann")) == ("sent", 2_500, ["declined"])


def test_without_a_way_to_pay_there_is_nothing_to_charge() -> None:
    found = billed("Ann", card=None)
    client = signed_in(found.world)
    said = words(client.get(of_member(found, "charge/"), follow=True).content)
    assert "Ann has no payment method on file. Send them a link" in said
    assert "charge/" not in client.get(of_member(found)).content.decode()


# ---------------------------------------------------------------- the link, and mails


def test_a_link_is_mailed_once_a_click_and_never_shown() -> None:
    """C-15: staff send a link; they never type a card."""
    found = billed("Ann", card=None)
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    client = signed_in(found.world, "front_desk")
    assert "AutoPay has nothing to charge" in text(client, of_member(found))
    page = client.get(of_member(found, "link/"))
    assert "Mail it to ann@example.org" in words(page.content)
    form, said = hidden(page.content.decode()), ""
    for _ in range(2):
        said = words(client.post(of_member(found, "link/mail/"), form, follow=True).content)
        assert "A link is mailed to ann@example.org." in said
    assert [(one.kind, one.party_id) for one in Message.objects.all()] == [
        ("method_link", found.party("Ann"))
    ]
    assert not MemberLink.objects.exists(), "its secret is made when it is sent"
    assert "Mails" in said and "Link to save a payment method" in said and "Waits to be sent" in said
    assert "Mailed a link to save a payment method to ann@example.org." in said
    runs.work(found.desk)
    assert "Kept here" in text(client, of_member(found)), "a sandbox's mail leaves for nobody"


def test_a_link_to_hand_over_is_shown_once_and_works() -> None:
    found = billed("Ann", card=None)
    client = signed_in(found.world, "front_desk")
    asked = client.get(of_member(found, "link/"))
    assert "There is no e-mail address" in words(asked.content)
    assert "/m/" not in asked.content.decode()
    shown = client.post(of_member(found, "link/"), {})
    assert "no-store" in shown["Cache-Control"]
    token = re.search(r"/m/([\w-]+)/", shown.content.decode())
    assert token and portal
    assert "not shown again" in words(shown.content)
    assert Client().get(f"/m/{token[1]}/").status_code == 200
    assert token[1] not in client.get(of_member(found)).content.decode()
    assert not Event.objects.filter(facts__icontains=token[1]).exists()
    assert MemberLink.objects.get().token_hash != token[1]


def test_a_sandbox_s_mail_is_read_with_its_link_left_out() -> None:
    found = billed("Ann", card=None)
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    client = signed_in(found.world, "front_desk")
    client.post(of_member(found, "link/mail/"), {"key": "k"})
    path = of_member(found, f"mails/{Message.objects.get().id}/")
    assert path in client.get(of_member(found)).content.decode()
    shown = text(client, path)
    for said in ("Your payment method at Maple Club", "To ann@example.org", "Dear Ann,", "(a secret link)"):
        assert said in shown, said
    assert "works until January 15, 2026" in shown
    assert not MemberLink.objects.exists(), "reading makes no link"
    other = a_world(name="Other")
    elsewhere = at(other, f"members/{found.party('Ann')}/mails/{Message.objects.get().id}/")
    assert signed_in(other).get(elsewhere).status_code == 404
    Organization.objects.filter(id=found.world.organization.id).update(mode="live", sandbox_now=None)
    assert "(a secret link)" in text(client, path), "nor is a live mail's link for staff to read"


def test_without_a_processor_no_link_is_offered_or_made() -> None:
    found = billed("Ann", card=None)
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    Organization.objects.filter(id=found.world.organization.id).update(mode="live", sandbox_now=None)
    client = signed_in(found.world)
    assert "link/" not in client.get(of_member(found)).content.decode()
    assert "Connect a payment processor first" in text(client, of_member(found))
    assert "Connect a processor first" in text(client, of_member(found, "link/"), 409)
    for act in ("link/", "link/mail/"):
        assert client.post(of_member(found, act), {"key": "k"}).status_code == 409
    assert not MemberLink.objects.exists()
    assert not Message.objects.exists()


def test_a_payment_that_waits_for_the_member_has_a_link_of_its_own() -> None:
    found = billed("Ann", "Bob")
    found.behave("Ann", "authenticate")
    found.collect()
    client = signed_in(found.world, "front_desk")
    tail = f"?attempt={found.attempt('Ann').id}"
    assert "confirm their payment" in text(client, of_member(found, "link/") + tail)
    client.post(of_member(found, "link/") + tail, {})
    link = MemberLink.objects.get()
    assert (link.purpose, link.attempt_id) == ("confirm", found.attempt("Ann").id)
    assert client.get(of_member(found, "link/", "Bob") + tail).status_code == 404, "it is Ann's"
    assert client.get(of_member(found, "link/") + "?attempt=x").status_code == 409


def test_staff_take_a_method_off_file_and_it_is_never_charged_again() -> None:
    """C-40: the token that was read is the one that is removed; a newer one stays."""
    found = billed("Ann")
    client, path = signed_in(found.world, "finance"), of_member(found, "method/remove/")
    assert "method/remove/" in client.get(of_member(found)).content.decode()
    page = client.get(path).content.decode()
    assert "Nothing is charged by itself until the member saves another one." in words(page)
    client.post(path, {})  # nothing was read
    found.new_card("Ann")
    assert "Remove the payment method of Ann?" in words(client.post(path, hidden(page)).content.decode())
    assert PaymentMethod.objects.filter(party_id=found.party("Ann"), state="active").count() == 1
    page = client.get(path).content.decode()
    assert "is removed." in words(client.post(path, hidden(page), follow=True).content.decode())
    assert "has no payment method on file" in words(
        client.post(path, hidden(page), follow=True).content.decode()
    )
    assert not PaymentMethod.objects.filter(party_id=found.party("Ann"), state="active").exists()
    assert "method/remove/" not in client.get(of_member(found)).content.decode()
    found.collect()
    assert found.payments("Ann") == []


def test_no_page_of_staff_has_a_field_for_a_card() -> None:
    """C-15: neither form nor address takes a number; what looks like one is refused."""
    found = billed("Ann")
    client = signed_in(found.world)
    for act in ("charge/", "link/", "pay/"):
        html = client.get(of_member(found, act)).content.decode()
        names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', html.split("<main")[1]))
        assert not names & {"card", "number", "cardnumber", "cvc", "cvv", "exp", "iban", "account", "routing"}
        assert 'autocomplete="cc-' not in html


def test_mail_without_an_address_or_a_key_is_not_sent() -> None:
    found = billed("Ann", card=None)
    client = signed_in(found.world)
    assert "has no e-mail address" in words(
        client.post(of_member(found, "link/mail/"), {"key": "k"}, follow=True).content
    )
    assert client.post(of_member(found, "link/mail/"), {}).status_code == 302
    assert client.get(of_member(found, "link/mail/")).status_code == 302
    assert not Message.objects.exists()


ACTS = {
    "invoices/{invoice}/void/": "credit",
    "invoices/{invoice}/credit/": "credit",
    "invoices/{invoice}/collect/": "charge",
    "members/{party}/charge/": "charge",
    "members/{party}/link/": "send_link",
    "members/{party}/link/mail/": "send_link",
    "members/{party}/method/remove/": "charge",
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    found, other = billed("Ann"), a_world(name="Other")
    tail = path.format(invoice=found.invoice("Ann").id, party=found.party("Ann"))
    for role in ROLES:
        client, allowed = signed_in(found.world, role), ACTS[path] in MAY[role]
        assert (client.get(at(found.world, tail)).status_code != 403) == allowed, role
        if not allowed:
            assert client.post(at(found.world, tail)).status_code == 403, role
            assert tail.split("/")[-2] + "/" not in client.get(of_invoice(found)).content.decode(), role
    stranger = signed_in(other)
    for method in ("get", "post"):
        assert getattr(stranger, method)(at(found.world, tail)).status_code == 404
        assert getattr(stranger, method)(at(other, tail)).status_code == 404
        assert getattr(Client(), method)(at(found.world, tail)).status_code == 302
    assert signed_in(found.world, csrf=True).post(at(found.world, tail)).status_code == 403
    assert (found.invoice("Ann").state, Attempt.objects.count(), Message.objects.count()) == ("sent", 0, 0)


def test_an_invoice_is_written_off_and_shows_the_documents_of_the_same() -> None:
    """X4, D.4: the page of a closed invoice says why, and which others asked for the same."""
    found = billed("Ann", preset="recommended", invoice__on_failed_attempt="close_and_reissue")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    client = signed_in(found.world, "finance")
    first = of_invoice(found)
    assert "Documents of the same" not in text(client, first)
    assert "void/" not in client.get(first).content.decode(), "a closed invoice can't be voided (P-08)"
    found.advance(days=2)
    shown = text(client, first)
    assert (
        "Documents of the same" in shown
        and "The payment failed; each try has an invoice of its own." in shown
    )
    path = of_invoice(found, "write-off/")
    assert "Say why in a sentence." in words(filled(client, path, 422, extent="all"))
    page = filled(client, path, extent="all", reason="Moved away")
    assert "Ann no longer owes $100.00, and it is not collected any more." in words(page)
    assert "is written off." in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert "Wrote $100.00 of invoice" in text(client, of_invoice(found))
    assert "Nothing of invoice" in text(client, path, 409)
    found.check()
