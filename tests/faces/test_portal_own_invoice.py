"""A member's own invoice in their pages: its lines and why, and paying all of it or a part (C-43, A-54)."""

import re
from uuid import UUID

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.together import together
from tests.world import STAFF

from paidthru import invariants, runs
from paidthru.actions.make_link import make_link
from paidthru.actions.record_payment import record_payment
from paidthru.actions.set_brand import set_brand
from paidthru.actions.set_policy import set_policy
from paidthru.invoicing.queries import owed_by
from paidthru.organizations.rules.branding import Branding
from paidthru.payments.models import Attempt, Payment
from paidthru.wiring import printer

pytestmark = pytest.mark.django_db(transaction=True)


def _home(found: Collection, name: str, purpose: str = "member") -> str:
    organization, now = found.world.organization, found.desk.clock.now()
    _, token = make_link(organization, found.party(name), purpose=purpose, actor=STAFF, now=now)
    return f"/m/{token}/"


def _page(found: Collection, name: str) -> str:
    return f"{_home(found, name)}invoices/{found.invoice(name).id}/"


def _button(page: str) -> str:
    shown = re.search(r'name="pay"\s+value="([^"]+)"', page)
    assert shown, page
    return shown[1]


def _read(client: Client, url: str, amount: str) -> str:
    """Enters an amount, and returns the page on which it is read."""
    answer = client.post(url, {"amount": amount, "go": "read"})
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer["Location"]).content.decode()


def _by_hand(found: Collection, name: str, amount_minor: int) -> None:
    invoice = found.invoice(name)
    record_payment(
        found.world.organization,
        found.party(name),
        amount_minor=amount_minor,
        currency="USD",
        means="check",
        received_on=found.desk.today,
        parts={invoice.id: amount_minor},
        actor=STAFF,
        now=found.desk.clock.now(),
    )


def test_a_part_is_read_then_paid_once_and_the_rest_stays_open(client: Client) -> None:
    found = billed("Ann")
    url = _page(found, "Ann")
    page = client.get(url).content.decode()
    for said in ("Invoice 1", "$100.00", "Due on", "Pay with", "4242", 'value="100.00"'):
        assert said in page, said
    confirm = _read(client, url, "30.00")
    for said in ("Pay a part of invoice 1?", "$30.00", "Stays open", "$70.00"):
        assert said in confirm, said
    assert not Attempt.objects.exists(), "reading charges nothing"
    said = client.post(url, {"pay": _button(confirm)}, follow=True).content.decode()
    assert "$30.00 is paid, $70.00 stays open" in said
    again = client.post(url, {"pay": _button(confirm)}, follow=True).content.decode()
    assert "Nothing was charged now" in again
    assert [one.amount_minor for one in Payment.objects.all()] == [3_000]
    assert owed_by(found.party("Ann")) == {"USD": 7_000}
    said = client.post(url, {"pay": _button(_read(client, url, "70"))}, follow=True).content.decode()
    assert "Thank you: invoice 1 is paid." in said
    assert 'name="pay"' not in client.get(url).content.decode()
    assert owed_by(found.party("Ann")) == {}
    assert invariants.check(found.world.organization.id) == []


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "more than nothing"),
        ("100.01", "$100.00 at most"),
        ("1e3", "Write"),
        ("", "Enter an amount"),
        ("-5", "more than nothing"),
        ("9" * 30, "digit"),
    ],
)
def test_an_amount_that_can_t_be_is_refused_at_its_field(client: Client, amount: str, said: str) -> None:
    found = billed("Ann")
    answer = client.post(_page(found, "Ann"), {"amount": amount, "go": "read"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Attempt.objects.exists()


def test_what_has_changed_since_is_not_charged(client: Client) -> None:
    found = billed("Ann")
    url = _page(found, "Ann")
    button = _button(_read(client, url, "90"))
    _by_hand(found, "Ann", 4_000)
    said = client.post(url, {"pay": button}, follow=True).content.decode()
    assert "$60.00 is open" in said
    assert not Attempt.objects.exists()


def test_invoices_are_paid_whole_where_the_policy_says_so(client: Client) -> None:
    found = billed("Ann")
    now = found.desk.clock.now()
    set_policy(found.world.organization, {"collect.part_payments": "off"}, actor=STAFF, now=now)
    url = _page(found, "Ann")
    page = client.get(url).content.decode()
    assert 'name="amount"' not in page
    client.post(url, {"pay": "3000:10000"})
    assert not Attempt.objects.exists(), "a part that nobody offered"
    said = client.post(url, {"pay": _button(page)}, follow=True).content.decode()
    assert "Thank you: invoice 1 is paid." in said


def test_nobody_else_s_invoice_is_shown_or_paid(client: Client) -> None:
    found = billed("Ann", "Bea")
    url = f"{_home(found, 'Bea')}invoices/{found.invoice('Ann').id}/"
    assert client.get(url).status_code == 404
    assert client.post(url, {"pay": "10000:10000"}).status_code == 404
    assert client.get(url.replace(str(found.invoice("Ann").id), str(UUID(int=7)))).status_code == 404
    assert not Attempt.objects.exists()


def test_a_declined_part_leaves_all_of_it_open(client: Client) -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    url = _page(found, "Ann")
    said = client.post(url, {"pay": _button(_read(client, url, "30"))}, follow=True).content.decode()
    assert "nothing was taken" in said
    assert owed_by(found.party("Ann")) == {"USD": 10_000}


def test_the_home_page_and_the_documents_lead_to_it(client: Client) -> None:
    found = billed("Ann")
    home = _home(found, "Ann")
    there = f"{home}invoices/{found.invoice('Ann').id}/"
    assert there in client.get(f"{home}membership/").content.decode()
    assert there in client.get(f"{home}documents/").content.decode()


def test_a_part_pressed_on_two_screens_while_the_worker_collects_is_charged_once() -> None:
    found = billed("Ann")
    url = _page(found, "Ann")
    confirm = _read(Client(), url, "30.00")
    button = _button(confirm)

    def press() -> object:
        return Client().post(url, {"pay": button}).status_code

    def collects() -> object:
        found.collect()
        return None

    together([press, press, collects])
    found.collect()
    runs.work(found.desk)
    invoice = found.invoice("Ann")
    assert (
        sum(one.amount_minor for one in found.payments("Ann")) + invoice.balance_minor == invoice.total_minor
    )
    assert found.charged() == len(found.payments("Ann")), "each charge is a payment, each payment a charge"
    assert invariants.check(found.world.organization.id) == []


def test_how_it_is_paid_otherwise_is_said_while_it_is_owed(client: Client) -> None:
    """In the organization's own words, with the number to be given; nothing where it gave none."""
    found = billed("Ann", card=None)
    home, page = _home(found, "Ann"), _page(found, "Ann")
    assert "How to pay otherwise" not in client.get(page).content.decode()
    said = Branding(name="Maple Club", payment="By check to Maple Club,\n1 Elm Street")
    set_brand(found.world.organization, said, printer=printer(), actor=STAFF, now=found.desk.clock.now())
    for address in (f"{home}membership/", page):
        shown = client.get(address).content.decode()
        assert "By check to Maple Club, 1 Elm Street" in shown, address
        assert f"Please give the number {found.invoice('Ann').number} as the reference." in shown
    _by_hand(found, "Ann", 10_000)
    for address in (f"{home}membership/", page):
        assert "How to pay otherwise" not in client.get(address).content.decode()
