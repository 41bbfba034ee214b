"""Gift Aid: declared in the portal and by staff, claimed once, and given back when the gift is (A-25)."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.faces.test_pledge_papers import branded
from tests.staff import signed_in
from tests.together import together
from tests.world import STAFF, World, a_world
from typer.testing import CliRunner

from paidthru import invariants, runs
from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.claim_gift_aid import claim_gift_aid
from paidthru.actions.declare_gift_aid import declare_gift_aid
from paidthru.actions.make_link import make_link
from paidthru.faces import cli
from paidthru.giving.models import GiftAidClaim, GiftAidDeclaration, GiftAidLine
from paidthru.giving.operations import Giving
from paidthru.giving.queries.gift_aid import gift_aid_to_claim
from paidthru.giving.rules.gift_aid import checked_postcode
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Payment
from paidthru.runs.giving import give
from paidthru.runs.reversals import reverse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    made = a_world(
        "ams_nonprofit", currency="GBP", zone="Europe/London", now=datetime(2026, 3, 10, 15, tzinfo=UTC)
    )
    branded(made, "GB")
    return made


def gives(world: World, party: object, amount_minor: int, *, advantage_minor: int = 0) -> None:
    giving = Giving(party, amount_minor, "GBP", None, "staff", "check", advantage_minor=advantage_minor)  # type: ignore[arg-type]
    give(world.desk, giving, actor=STAFF)
    runs.work(world.desk)


def test_a_donor_declares_and_what_they_give_is_claimed_on_once(world: World) -> None:
    ann, bob, client = world.party("Ann Archer"), world.party("Bob"), signed_in(world)
    gives(world, ann, 100_02)
    gives(world, ann, 100_00, advantage_minor=30_00)  # too much in return
    gives(world, bob, 50_00)  # who declared nothing
    _, token = make_link(world.organization, ann, purpose="member", actor=STAFF, now=world.desk.clock.now())
    donor, here = Client(), f"/m/{token}/gift-aid/"
    assert here in donor.get(f"/m/{token}/give/").content.decode()
    assert "I am a UK taxpayer" in words(donor.get(here).content)
    assert donor.post(here, {"declare": "yes", "address": " ", "postcode": ""}).status_code == 422
    for _ in range(2):
        kept = donor.post(
            here, {"declare": "yes", "address": "12 High Street", "postcode": "ab1 2cd"}, follow=True
        )
        assert "your declaration is kept" in words(kept.content)
    declared = GiftAidDeclaration.objects.get()
    assert (declared.postcode, declared.channel, declared.from_on) == ("AB1 2CD", "portal", date(2026, 3, 10))

    assert "25.00" in text(client, at(world, "gift-aid/claims/"))
    new = at(world, "gift-aid/claims/new/")
    asked = hidden(client.get(new).content.decode())
    assert asked["digest"] == "2500"
    gives(world, ann, 8_00)
    assert "Read it again" in words(client.post(new, asked, follow=True).content)
    asked = hidden(client.get(new).content.decode())
    for _ in range(2):  # pressed twice
        assert "Claim 1 is made" in words(client.post(new, asked, follow=True).content)
    claim = GiftAidClaim.objects.get()
    assert (claim.tax_minor, GiftAidLine.objects.count()) == (27_00, 2)
    rows = b"".join(streamed(client.get(at(world, f"gift-aid/claims/{claim.id}/schedule/")))).decode()
    assert "Ann,Archer,12,AB1 2CD,,,10/03/26,100.02" in rows
    assert "nothing to claim" in words(
        client.post(new, hidden(client.get(new).content.decode()) | {"digest": "0"}, follow=True).content
    )

    payment = Payment.objects.get(amount_minor=100_02)
    reverse(world.desk, payment.id, acknowledged=True, actor=STAFF)
    runs.work(world.desk)
    found = gift_aid_to_claim(world.organization.id)
    assert (found.new, [one.tax_minor for one in found.back], found.tax_minor) == ((), [25_00], -25_00)
    second = claim_gift_aid(world.organization, tax_minor=-25_00, actor=STAFF, now=world.desk.clock.now())
    assert second.number == 2 and gift_aid_to_claim(world.organization.id).tax_minor == 0

    assert "Withdrawn" in words(donor.post(here, {"withdraw": "yes"}, follow=True).content)
    donor.post(here, {"withdraw": "yes"})
    gives(world, ann, 40_00)
    assert gift_aid_to_claim(world.organization.id).new == ()
    assert invariants.check(world.organization.id) == []


def test_two_who_claim_at_once_make_one_claim(world: World) -> None:
    ann, now = world.party("Ann"), world.desk.clock.now()
    declare_gift_aid(
        world.organization, ann, address="1 High Street", postcode="AB1 2CD", actor=STAFF, now=now
    )
    gives(world, ann, 20_00)

    def claims() -> object:
        try:
            return claim_gift_aid(world.organization, tax_minor=5_00, actor=STAFF, now=now).number
        except Refused as refused:
            return refused.code

    assert sorted(map(str, together([claims] * 4))) == ["1", *["nothing_to_claim"] * 3]


def test_staff_record_what_was_signed_and_it_is_refused_elsewhere(world: World) -> None:
    world.party("Ann")
    client, new = signed_in(world), at(world, "gift-aid/new/")
    assert "Nobody declared" in text(client, at(world, "gift-aid/"))
    signed = {"donor": "Ann", "address": "1 High Street", "postcode": "AB1 2CD"}
    for wrong in (
        {"from_on": "2021-01-01"},
        {"postcode": ""},
        {"postcode": "NOT A CODE"},
        {"donor": "Nobody"},
        {"from_on": "2026-04-01"},
    ):
        filled(client, new, 422, **signed | wrong)
    filled(client, new, 302, **signed, from_on="2024-01-01")
    assert "1 High Street, AB1 2CD" in text(client, at(world, "gift-aid/"))
    one = GiftAidDeclaration.objects.get()
    filled(client, at(world, f"gift-aid/{one.id}/withdraw/"), 302)
    assert GiftAidDeclaration.objects.get().until_on == date(2026, 3, 10)
    assert signed_in(world, "viewer").get(new).status_code == 403
    told = CliRunner().invoke(
        cli.app, ["gift-aid", "declare", "Ann", "--address", "2 Low Road", "--postcode", "X"]
    )
    assert told.exit_code == 0, told.output
    assert "Ann    X  " in CliRunner().invoke(cli.app, ["gift-aid", "list"]).output
    assert CliRunner().invoke(cli.app, ["gift-aid", "claim"]).exit_code == 0
    elsewhere = a_world("ams_nonprofit", name="Elsewhere")
    with pytest.raises(Refused) as refused:
        declare_gift_aid(
            elsewhere.organization, elsewhere.party("Eve"), address="1 Main Street", postcode="X", actor=STAFF,
            now=elsewhere.desk.clock.now(),
        )  # fmt: skip
    assert refused.value.code == "not_in_this_country"
    assert signed_in(elsewhere).get(at(elsewhere, f"gift-aid/{one.id}/withdraw/")).status_code == 404


def test_a_visitor_declares_where_they_give(world: World) -> None:
    now, visitor = world.desk.clock.now(), Client()
    roof = add_campaign(world.organization, "Roof", goal_minor=100_00, currency="GBP", actor=STAFF, now=now)
    here = f"/give/{world.organization.slug}/{roof.slug}/"
    assert "I want to Gift Aid my donations to Hope House Inc." in words(visitor.get(here).content)
    form = hidden(visitor.get(here).content.decode()) | {
        "amount": "20.00", "every": "once", "name": "Zoe Donor", "email": "zoe@example.org", "gift_aid": "on",
    }  # fmt: skip
    refused = visitor.post(here, form)
    assert refused.status_code == 422 and "Enter your home address." in words(refused.content)
    led = visitor.post(here, form | {"address": "3 Mill Lane", "postcode": "ab1 2cd"})
    assert led["Location"].startswith("/pay/")
    declared = GiftAidDeclaration.objects.get()
    assert (declared.donor, declared.channel, declared.postcode) == ("Zoe Donor", "public", "AB1 2CD")
    visitor.post(here, form | {"key": "other", "gift_aid": "", "name": "Max"})
    assert GiftAidDeclaration.objects.count() == 1


def test_a_home_of_the_united_kingdom_has_its_postcode_and_one_abroad_an_x() -> None:
    for said, kept in {
        "sw1a1aa": "SW1A 1AA", " ls1  4ap ": "LS1 4AP", "gir 0aa": "GIR 0AA", "JE2 3AB": "JE2 3AB", "x": "X",
    }.items():  # fmt: skip
        assert checked_postcode(said) == kept
    for said in ("", "12345", "NOT A CODE", "SW1A", "SW1A 1A", "É1 1AA", "LS1 1AA x", "٣S1 1AA"):
        with pytest.raises(Refused) as refused:
            checked_postcode(said)
        assert refused.value.code == "postcode_invalid"
