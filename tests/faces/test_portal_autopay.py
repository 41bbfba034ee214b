"""A member agrees in their pages to be charged by itself, or takes it back; and how a payment went at the bank is said
where it began (C-42, X21)."""

import re

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru.actions.make_link import make_link
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.payments.models import PaymentMethod
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def _home(found: Collection, name: str) -> str:
    organization, now = found.world.organization, found.desk.clock.now()
    _, token = make_link(organization, found.party(name), purpose="member", actor=STAFF, now=now)
    return f"/m/{token}/"


def _button(page: str, name: str) -> str:
    shown = re.search(rf'name="{name}"\s+value="([^"]+)"', page)
    assert shown, page
    return shown[1]


def _off(found: Collection, name: str) -> None:
    now = found.desk.clock.now()
    switch_autopay(found.world.organization, found.membership(name).id, on=False, actor=STAFF, now=now)


def test_agreeing_is_read_first_done_once_and_kept_in_its_words(client: Client) -> None:
    found = billed("Ann")
    _off(found, "Ann")
    home = _home(found, "Ann")
    assert "Be charged by itself" in client.get(f"{home}membership/").content.decode()
    page = client.get(f"{home}autopay/").content.decode()
    for said in ("Maple Club charges what is billed for", "4242", "$100.00", "until you take this back"):
        assert said in page, said
    assert not found.membership("Ann").autopay, "reading changes nothing"
    for _ in range(2):
        answer = client.post(f"{home}autopay/", {"autopay": _button(page, "autopay")}, follow=True)
        assert "From now on you are charged by itself." in answer.content.decode()
    assert found.membership("Ann").autopay
    agreed = Event.objects.get(verb="autopay_on")
    assert agreed.actor_kind == "member"
    assert "until you take this back" in agreed.facts["consent"]
    page = client.get(f"{home}autopay/").content.decode()
    assert "Stop charging me by itself?" in page
    said = client.post(f"{home}autopay/", {"autopay": "off"}, follow=True).content.decode()
    assert "You are not charged by itself any more." in said
    assert not found.membership("Ann").autopay


def test_it_holds_for_the_way_to_pay_that_was_read_alone(client: Client) -> None:
    found = billed("Ann")
    _off(found, "Ann")
    home = _home(found, "Ann")
    read = _button(client.get(f"{home}autopay/").content.decode(), "autopay")
    found.new_card("Ann")
    said = client.post(f"{home}autopay/", {"autopay": read}, follow=True).content.decode()
    assert "The way to pay has changed." in said
    assert not found.membership("Ann").autopay
    PaymentMethod.objects.filter(party_id=found.party("Ann")).update(state="removed")
    page = client.get(f"{home}autopay/").content.decode()
    assert "Save a card or bank account first." in page
    assert 'name="autopay"' not in page
    client.post(f"{home}autopay/", {"autopay": "on"})
    assert not found.membership("Ann").autopay


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("succeeded", "Thank you: invoice 1 is paid."), ("failed", "The payment did not go through")],
)
def test_how_it_went_at_the_bank_is_said_on_the_membership_s_page(
    client: Client, outcome: str, said: str
) -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    home = _home(found, "Ann")
    page = client.get(f"{home}membership/").content.decode()
    paying = client.post(f"{home}pay/", {"pay": _button(page, "pay")}, follow=True).content.decode()
    assert "Your bank asks you to confirm this payment." in paying
    there = client.post(f"{home}pay/", {"pay": _button(paying, "pay")})["Location"]
    back = client.post(there, {"answer": outcome})["Location"]
    assert said in client.get(back, follow=True).content.decode()
