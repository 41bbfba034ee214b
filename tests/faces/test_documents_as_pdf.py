"""Documents in the console, the portal and by command: from the books to the PDF, each for whoever may have it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from facturx import get_xml_from_pdf
from tests.collecting import billed
from tests.faces.acting import at, text
from tests.faces.test_cli import refused, run
from tests.faces.test_console_members import words
from tests.papers import pages
from tests.rules.test_letterhead import SVG, png
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.bill_charge import bill_charge
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.make_link import make_link
from paidthru.actions.record_payment import record_payment
from paidthru.actions.set_brand import set_brand
from paidthru.actions.set_contact import Contact, set_contact
from paidthru.documents.queries import statement_document
from paidthru.documents.rules.sheets import StatementSheet
from paidthru.invoicing.models import CreditNote, IssuedDocument
from paidthru.invoicing.queries import owed_by
from paidthru.ledger.models import Batch
from paidthru.organizations.models import Organization, OrganizationBrand
from paidthru.organizations.rules.branding import Branding
from paidthru.payments.queries import credit_of
from paidthru.people.models import Party
from paidthru.timeline.models import Event
from paidthru.wiring import printer

pytestmark = pytest.mark.django_db(transaction=True)


def pdf(client: Client, path: str, status: int = 200) -> list[str]:
    """The words of each page of the PDF at an address."""
    answer = client.get(path)
    assert answer.status_code == status, words(answer.content)
    if status != 200:
        return []
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("inline")
    return pages(answer.content)


def brand(world: World, logo: bytes | None = None, **said: object) -> OrganizationBrand:
    return set_brand(
        world.organization,
        Branding(**({"name": "Maple Club Inc."} | said)),  # type: ignore[arg-type]
        logo=logo,
        printer=printer(),
        actor=STAFF,
        now=world.desk.clock.now(),
    )


def test_an_issued_document_keeps_its_names_and_its_letterhead() -> None:
    """I-34: what is issued never changes, though payer and organization do."""
    found = billed("Ann", "Bea")
    found.collect()
    client, invoice = signed_in(found.world, "viewer"), found.invoice("Ann")
    address, paid = f"invoices/{invoice.id}/pdf/", f"payments/{found.payments('Ann')[0].id}/pdf/"
    first, receipt = pdf(client, at(found.world, address)), pdf(client, at(found.world, paid))
    whole = client.get(at(found.world, address)).content
    assert f"Invoice {invoice.number}" in first[0] and "Ann" in first[0]
    assert f"Invoice {invoice.number}" in receipt[0] and "by card" in receipt[0]
    name = found.world.organization.name
    Party.objects.filter(id=found.party("Ann")).update(name="Somebody Else")
    Organization.objects.filter(id=found.world.organization.id).update(name="Renamed", locale="de_DE")
    brand(found.world, logo=png(20, 10))
    moved = Contact("Somebody Else", address="1 New Road", country="us", language="de")
    set_contact(found.world.organization, found.party("Ann"), moved, actor=STAFF, now=found.desk.clock.now())
    assert client.get(at(found.world, address)).content == whole
    assert pdf(client, at(found.world, paid)) == receipt
    assert name in first[0]
    found.check()


def test_what_is_issued_later_has_the_new_ones() -> None:
    found = billed("Ann")
    world, invoice = found.world, found.invoice("Ann")
    brand(world, logo=SVG, country="us", tax_number="12-34", payment="By check.", accent="#7a1f3d")
    moved = Contact("Ann", address="1 New Road\nTown", country="de", language="de")
    set_contact(world.organization, found.party("Ann"), moved, actor=STAFF, now=found.desk.clock.now())
    credit_invoice(world.organization, invoice.id, actor=STAFF, now=found.desk.clock.now(), reason="Kulanz")
    note = CreditNote.objects.get()
    (page,) = pdf(signed_in(world), at(world, f"credit-notes/{note.id}/pdf/"))
    for said in (f"Gutschrift {note.number}", "Maple Club Inc.", "1 New Road", "Town", "DE", "Grund: Kulanz",
                 "Steuernr. 12-34", f"zur Rechnung {invoice.number}"):  # fmt: skip
        assert said in page, (said, page)
    kept = IssuedDocument.objects.get(id=note.id)
    assert (kept.kind, kept.brand, kept.facts["payer"]["language"]) == (
        "credit note",
        OrganizationBrand.objects.get(),
        "de",
    )


def test_a_batch_report_has_the_totals_of_the_screen() -> None:
    """I-16."""
    found = billed("Ann", "Bea")
    world, client = found.world, signed_in(found.world)
    batch = Batch.objects.earliest("id")
    screen = text(client, at(world, f"batches/{batch.id}/"))
    paper = " ".join(pdf(client, at(world, f"batches/{batch.id}/pdf/")))
    debits = screen.split("Debits ")[1].split(" ")[0]
    assert debits.startswith("$")
    assert f"Journals 2 Debits {debits} Credits {debits}" in " ".join(paper.split()).replace("  ", " ") or (
        paper.count(debits) >= 4
    )
    for number in (found.invoice("Ann").number, found.invoice("Bea").number):
        assert f"Invoice {number}" in paper


def test_a_statement_sums_to_what_is_owed_less_credit() -> None:
    found = billed("Ann", "Bea")
    world, desk = found.world, found.desk
    invoice = found.invoice("Ann")
    record_payment(world.organization, found.party("Ann"), amount_minor=invoice.total_minor + 1_000,
                   currency="USD", means="check", received_on=desk.today,
                   actor=STAFF, now=desk.clock.now())  # fmt: skip
    parties = [Party.objects.get(id=found.party(name)) for name in ("Ann", "Bea")]
    for party in parties:
        made = statement_document(world.organization, party, start=desk.today - timedelta(days=90),
                                  through=desk.today, today=desk.today, now=desk.clock.now())  # fmt: skip
        assert isinstance(made.sheet, StatementSheet)
        (account,) = made.sheet.accounts
        owed = sum(owed_by(party.id).values()) - sum(credit_of(party.id).values())
        assert account.totals[0].value == f"${abs(owed) // 100}.{abs(owed) % 100:02d}"
        assert bool(account.ages) == (party.name == "Bea") == (not any(row.paid for row in account.rows))
    client = signed_in(world)
    path = at(world, f"members/{found.party('Bea')}/statement/")
    answer = client.post(path, {"start": "2026-01-01", "through": desk.today.isoformat()})
    (page,) = pdf(client, answer["Location"])
    assert f"Invoice {found.invoice('Bea').number}" in page and "Balance on" in page
    assert client.post(path, {"start": "2026-02-01", "through": "2026-01-01"}).status_code == 422
    assert client.post(path, {"start": "1900-01-01", "through": "2026-01-01"}).status_code == 422
    assert pdf(client, f"{path}pdf/?from=1900-01-01", 409) == []


def test_documents_are_closed_to_others() -> None:
    found = billed("Ann", "Bea")
    found.collect()
    other = a_world(name="Other")
    stranger = signed_in(other)
    payment, invoice = found.payments("Ann")[0], found.invoice("Ann")
    batch = Batch.objects.filter(organization=found.world.organization).earliest("id")
    for path in (f"invoices/{invoice.id}/pdf/", f"invoices/{invoice.id}/notice/pdf/", f"payments/{payment.id}/pdf/",
                 f"batches/{batch.id}/pdf/", f"members/{found.party('Ann')}/statement/pdf/",
                 f"members/{found.party('Ann')}/contact/"):  # fmt: skip
        assert stranger.get(at(other, path)).status_code == 404, path
        assert stranger.get(at(found.world, path)).status_code == 404, path
    viewer = signed_in(found.world, "viewer")
    assert viewer.get(at(found.world, "settings/documents/change/")).status_code == 403
    assert viewer.get(at(found.world, f"members/{found.party('Ann')}/contact/")).status_code == 403


def test_a_member_finds_their_own_invoices_and_receipts() -> None:
    found = billed("Ann", "Bea")
    found.collect()
    world = found.world

    def link(name: str, **about: Any) -> str:
        _, token = make_link(world.organization, found.party(name), purpose="member", actor=STAFF,
                             now=found.desk.clock.now(), **about)  # fmt: skip
        return f"/m/{token}/documents/"

    client, ann = Client(), link("Ann")
    page = client.get(ann).content.decode()
    invoice, payment = found.invoice("Ann"), found.payments("Ann")[0]
    assert f"{ann}receipt/{payment.id}/" in page
    own_page = f"{ann.removesuffix('documents/')}invoices/{invoice.id}/"
    assert own_page in page
    assert f"{ann}invoice/{invoice.id}/" in client.get(own_page).content.decode()
    for path in (f"invoice/{invoice.id}/", f"receipt/{payment.id}/"):
        assert "Ann" in pdf(client, f"{ann}{path}")[0]
        assert client.get(f"{link('Bea')}{path}").status_code == 404
        assert client.post(f"{ann}{path}").status_code == 405
        assert client.get(f"/m/{'x' * 40}/documents/{path}").status_code == 404
    events = Event.objects.count()
    pdf(client, f"{ann}receipt/{payment.id}/")
    assert Event.objects.count() == events  # looking changes nothing


def change(client: Client, world: World, **fields: object) -> HttpResponse:
    form = {"name": "Maple Club Inc.", "accent": "#14594a", "band": "#eef3f1"} | fields
    return client.post(at(world, "settings/documents/change/"), form)  # type: ignore[return-value]


def test_the_letterhead_is_changed_in_the_settings() -> None:
    world = a_world()
    client = signed_in(world)
    assert "Colours #14594a on white" in text(client, at(world, "settings/documents/"))
    logo = SimpleUploadedFile("logo.gif", png(40, 10))  # what it is called does not matter
    assert change(client, world, address="1 Road\r\nTown", country="us", logo=logo).status_code == 302
    page = text(client, at(world, "settings/documents/"))
    assert "1 Road, Town" in page and "Logo PNG" in page
    assert change(client, world, address="1 Road\nTown", country="US").status_code == 302
    assert OrganizationBrand.objects.count() == 1  # said again, nothing happens; the logo stays
    assert change(client, world, remove_logo="on").status_code == 302
    newest = OrganizationBrand.objects.latest("number")
    assert (newest.number, newest.logo, newest.address) == (2, None, "")
    assert (
        pdf(client, at(world, "settings/documents/sample/"))[0].count("Sample: this is how documents look.")
        == 1
    )
    assert Event.objects.filter(verb="brand_set").count() == 2


WRONG: tuple[tuple[dict[str, object], str, str], ...] = (
    ({"logo": b"no picture"}, "logo", "It is no picture that we know."),
    ({"logo": b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"}, "logo", "has a part “script”"),
    ({"logo": png()[:41] + bytes(30) + b"IEND\xaeB`\x82"}, "logo", "could not be drawn"),
    ({"logo": bytes(2 * 1024 * 1024)}, "logo", "larger than 1 MB"),
    ({"logo": bytes(50 * 1024 * 1024)}, "logo", "larger than 1 MB"),
    ({"accent": "#ffff00"}, "accent", "can hardly be read against white paper"),
    ({"band": "blue"}, "band", "is no colour"),
    ({"electronic": "on"}, "country", "Electronic invoices name the country"),
    ({"footer": "line\n" * 9}, "footer", "9 lines"),
    ({"name": "A\u0000B"}, "name", "Null characters are not allowed."),
)


def test_what_can_t_stand_on_paper_is_refused_at_its_field() -> None:
    world = a_world()
    client = signed_in(world)
    for fields, field, said in WRONG:
        content = fields.get("logo")
        if isinstance(content, bytes):
            fields = {"logo": SimpleUploadedFile("logo.png", content)}
        answer = change(client, world, **fields)
        page = answer.content.decode()
        assert answer.status_code == 422, said
        assert said in words(answer.content)
        assert f'id="id_{field}_error"' in page or f'href="#id_{field}"' in page, said
        assert 'value="Maple Club Inc."' in page or field == "name"  # what was typed is still there
    assert not OrganizationBrand.objects.exists()


def test_a_receipt_is_for_whoever_paid() -> None:
    """C-25: Bea pays for Ann."""
    found = billed("Ann", "Bea")
    paid = record_payment(found.world.organization, found.party("Ann"), amount_minor=500, currency="USD",
                          means="cash", actor=STAFF, now=found.desk.clock.now(),
                          payer_id=found.party("Bea"))  # fmt: skip
    (page,) = pdf(signed_in(found.world), at(found.world, f"payments/{paid.id}/pdf/"))
    assert "To Bea" in page and "To Ann" not in page and "in cash" in page


def test_a_letterhead_never_changes_under_issued_documents() -> None:
    world = a_world()
    kept = brand(world, logo=SVG)
    with pytest.raises(Exception, match="never changed"):
        OrganizationBrand.objects.filter(id=kept.id).update(name="Other")


def test_invoices_by_command_with_the_data_inside(tmp_path: Path) -> None:
    found = billed("Ann")
    number, out = str(found.invoice("Ann").number), tmp_path / "invoice.pdf"
    assert run("invoice", "pdf", number, "--out", str(out)).code == 0
    assert f"Invoice {number}" in pages(out.read_bytes())[0]
    assert refused("invoice", "pdf", "99999") == "invoice_unknown"
    assert (
        refused("invoice", "pdf", number, "--out", str(tmp_path / "no" / "such.pdf")) == "file_not_writable"
    )
    brand(found.world, country="DE", tax_number="DE123456789", electronic=True)
    charged = bill_charge(found.world.organization, found.party("Ann"), amount_minor=5_000, currency="USD",
                          purpose="Locker", actor=STAFF, now=found.desk.clock.now())  # fmt: skip
    newest = str(charged.number)
    assert run("invoice", "pdf", newest, "--out", str(out)).code == 0
    name, xml = get_xml_from_pdf(out.read_bytes())
    assert name == "factur-x.xml" and f"<ram:ID>{newest}</ram:ID>".encode() in xml
