"""Pledges and tax receipts for those who give, on paper, by mail and by command (A-25, A-28)."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from tests.faces.acting import at, done, filled, hidden
from tests.faces.test_cli import refused, run
from tests.papers import pages
from tests.staff import signed_in
from tests.world import STAFF, World, a_world, party_named

from paidthru.actions.make_link import make_link
from paidthru.actions.set_brand import set_brand
from paidthru.actions.set_contact import contact_of, set_contact
from paidthru.documents.queries import tax_receipt_document
from paidthru.giving.models import Pledge, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.organizations.rules.branding import Branding
from paidthru.people.models import Party
from paidthru.runs.clockwork import advance, work
from paidthru.runs.giving import give
from paidthru.runs.mail_papers import papers
from paidthru.timeline.models import Message
from paidthru.wiring import printer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    found = a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))
    found.card(found.party("Ann"))
    found.party("Bob")
    return found


def given(world: World, amount_minor: int, advantage_minor: int = 0) -> TaxReceipt:
    """A receipt of what Ann gave and paid."""
    ann = party_named(world, "Ann").id
    giving = Giving(ann, amount_minor, "USD", None, "portal", "on_file", advantage_minor=advantage_minor)
    give(world.desk, giving, actor=STAFF)
    work(world.desk)
    return TaxReceipt.objects.latest("number")


def branded(world: World, country: str) -> None:
    said = Branding(
        name="Hope House Inc.", address="1 Main Street\nHalifax", country=country, tax_number="12-345"
    )
    now = world.desk.clock.now()
    set_brand(world.organization, said, logo=None, printer=printer(), actor=STAFF, now=now)


def on_paper(world: World, receipt: TaxReceipt, *, duplicate: bool = False) -> str:
    sheet = tax_receipt_document(world.organization, receipt, duplicate=duplicate).sheet
    return " ".join(pages(printer().pdf(sheet)))


def test_a_receipt_says_what_its_country_asks_for_and_keeps_it(world: World) -> None:
    branded(world, "US")
    first = given(world, 300_00, 40_00)
    said = on_paper(world, first)
    for part in (
        "Hope House Inc.",
        "Tax no. 12-345",
        "Ann",
        "Tax receipt 1",
        "$300.00",
        "$260.00",
        "worth $40.00",
    ):
        assert part in said, part
    assert "Keep this acknowledgment" in said and "DUPLICATE" not in said
    assert "DUPLICATE" in on_paper(world, first, duplicate=True)

    ann, now = party_named(world, "Ann"), world.desk.clock.now()
    moved = replace(contact_of(ann), address="Rue Longue 1\nMontréal", country="CA", language="fr")
    set_contact(world.organization, ann.id, moved, actor=STAFF, now=now)
    branded(world, "CA")
    second = given(world, 50_00)
    said = on_paper(world, second)
    assert "Reçu officiel" in said and "Montréal" in said and "Signature autorisée" in said
    assert "Délivré à Halifax" in said, "the place of issue, which no other country asks for"
    assert on_paper(world, first).count("Keep this acknowledgment") == 1, "what was issued stays as it was"


def test_a_receipt_goes_with_its_mail_and_is_behind_its_donors_link_only(world: World) -> None:
    receipt = given(world, 25_00)
    mail = Message.objects.get(kind="tax_receipt")
    attached, why = papers(world.desk, mail)
    assert [one.file_name for one in attached] == ["tax-receipt-1.pdf"] and why == ""
    now, client = world.desk.clock.now(), Client()
    links = {}
    for name in ("Ann", "Bob"):
        _, token = make_link(
            world.organization, party_named(world, name).id, purpose="member", actor=STAFF, now=now
        )
        links[name] = f"/m/{token}/documents/"
    shown = client.get(links["Ann"]).content.decode()
    assert "Tax receipt 1" in shown and "What I gave in 2026" in shown
    assert "Tax receipt" not in client.get(links["Bob"]).content.decode()
    for path in (f"tax-receipt/{receipt.id}/", "given/2026/"):
        assert client.get(links["Ann"] + path).content.startswith(b"%PDF")
        assert client.get(links["Bob"] + path).status_code == 404


def test_a_pledge_by_command_and_behind_its_donors_link(world: World, tmp_path: Path) -> None:
    assert refused("pledge", "add", "Ann", "0") == "amount_invalid"
    assert refused("pledge", "add", "Ann", "90", "--every", "week") == "interval_unknown"
    assert refused("pledge", "show", "Ann") == "pledge_unknown"
    assert "Ann promises 100.00 USD" in run("pledge", "add", "Ann", "100.00", "--instalments", "3").out
    work(world.desk)
    now = world.desk.clock.now()
    _, token = make_link(
        world.organization, party_named(world, "Ann").id, purpose="member", actor=STAFF, now=now
    )
    here, client = f"/m/{token}/pledges/", Client()
    page = client.get(f"/m/{token}/", follow=True).content.decode()  # without a membership it leads there
    assert "$33.33" in page and "Instalment 2 of 3" in page and "0% of it is paid" in page
    asked = dict(hidden(page)) | {"pay": str(Pledge.objects.get().parts.get(n=1).invoice_id)}
    led = client.post(here, asked)
    assert led.status_code == 302 and led["Location"].startswith("/pay/")
    assert client.post(here, {"pay": "of nobody"}, follow=True).status_code == 200

    row = run("pledge", "list", "--json").json[0]
    assert (row["promised"], row["percent"], row["next"]) == ("100.00", 0, "2026-04-10")
    run("pledge", "redate", "Ann", "--from", "2026-06-01", "--why", "On leave", "--every", "quarter")
    assert [one["due"] for one in run("pledge", "show", "Ann", "--json").json] == [
        "2026-03-10", "2026-06-01", "2026-09-01",
    ]  # fmt: skip
    told = run("pledge", "redate", "Ann", "--from", "2026-07-01", "--why", "Still on leave")
    assert "33.33 on 2026-07-01, 33.34 on 2026-10-01" in told.out, "it stays quarterly"
    run(
        "pledge",
        "write-down",
        "Ann",
        "16.67",
        "--from",
        "2026-06-01",
        "--why",
        "Less work",
        "--instalments",
        "1",
    )
    assert [one["amount"] for one in run("pledge", "show", "Ann", "--json").json] == ["33.33", "50.00"]
    assert (
        refused("pledge", "write-down", "Ann", "51", "--from", "2026-06-01", "--why", "x") == "amount_invalid"
    )
    run("pledge", "cancel", "Ann", "--why", "Moved away")
    assert run("pledge", "list", "--json").json[0]["promised"] == "33.33"

    given(world, 25_00)
    assert refused("receipt", "pdf", "9") == "receipt_unknown"
    for command in (("pdf", "1", "--duplicate"), ("year", "Ann", "2026")):
        run("receipt", *command, "--out", str(tmp_path / "it.pdf"))
        assert (tmp_path / "it.pdf").read_bytes().startswith(b"%PDF")
    run("receipt", "void", "1", "--why", "Wrong name")
    run("receipt", "replace", "1", "--why", "Her name")
    assert [(one["number"], one["state"]) for one in run("receipt", "list", "--json").json] == [
        (2, "issued"),
        (1, "void"),
    ]


def test_every_donor_is_mailed_a_year_once(world: World) -> None:
    Party.objects.filter(name="Ann").update(email="ann@example.org")
    given(world, 25_00)
    given(world, 10_00)
    assert refused("receipt", "mail", "2026") == "year_not_over"
    client = signed_in(world)
    page = filled(client, at(world, "tax-receipts/year/"), 200, year="2026")
    assert "is not over" in page and "Mail 1" not in page
    advance(world.desk, datetime(2027, 1, 5, 15, tzinfo=UTC))
    assert "1 donor would be mailed" in run("receipt", "mail", "2026", "--preview").out
    said = done(client, at(world, "tax-receipts/year/"), year="2026")
    assert "1 donors are mailed what they gave in 2026" in said
    mail = Message.objects.get(kind="given_year")
    attached, why = papers(world.desk, mail)
    assert why == "" and "$35.00" in " ".join(pages(attached[0].content))
    assert "0 donors are mailed" in run("receipt", "mail", "2026").out
