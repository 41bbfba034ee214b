"""Documents are drawn: what a reader finds in the PDF, over pages, in every script; and the data inside."""

import io
import re
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
from facturx import get_xml_from_pdf, xml_check_xsd
from pypdf import PdfReader
from tests.papers import AT, CLUB, DAY, DUE, JANE, VEREIN, an_invoice, drawn, line, pages
from tests.rules.test_letterhead import SVG, png

from paidthru.adapters.typst.coverage import REPLACEMENT
from paidthru.adapters.typst.printer import TypstPrinter
from paidthru.documents.rules.accounts import batch_sheet, receipt_sheet, statement_sheet
from paidthru.documents.rules.billing import credit_note_sheet, invoice_sheet
from paidthru.documents.rules.electronic import electronic
from paidthru.documents.rules.facts import (
    AccountFacts,
    BatchFacts,
    CreditNoteFacts,
    CurrencyFacts,
    JournalFacts,
    LineFacts,
    MovedFacts,
    Payer,
    ReceiptFacts,
    StatementFacts,
    TaxRate,
)
from paidthru.documents.rules.sheets import Picture
from paidthru.kernel.errors import Refused

HEADINGS = "Description Quantity Price Amount"


def root_of(pdf: bytes) -> Any:
    return PdfReader(io.BytesIO(pdf)).trailer["/Root"]


def metadata(pdf: bytes) -> str:
    return bytes(root_of(pdf)["/Metadata"].get_object().get_data()).decode()


def is_pdf_a3(pdf: bytes) -> bool:
    said = metadata(pdf)
    part = re.search(r"pdfaid:part[>=\"']+(\d)", said)
    level = re.search(r"pdfaid:conformance[>=\"']+(\w)", said)
    assert part and level and root_of(pdf).get("/OutputIntents")
    return (part[1], level[1]) == ("3", "B")


def test_rows_stand_verbatim_and_nothing_in_them_is_obeyed() -> None:
    """A-13. What looks like typst's own language is text."""
    text = '*Swim* _lesson_ #panic("x") $a^2$ @ref <l> \\ [b] // c "q" {{ name }}'
    (page,) = pages(drawn(invoice_sheet(an_invoice(line(text, 1250, 2), line("Locker", 500)), CLUB, JANE)))
    assert f"{text} 2 $12.50 $25.00" in page
    assert "Locker 1 $5.00 $5.00 Total to pay $30.00" in page
    for said in ("Riverside Swim Club", "Jane Doe", "Mar 31, 2026", "Tax no. 12-3456789", "Page 1 of 1"):
        assert said in page


def test_it_is_pdf_a_3_and_the_same_again() -> None:
    sheet = invoice_sheet(an_invoice(line("Dues", 100)), CLUB, JANE)
    first = drawn(sheet)
    assert is_pdf_a3(first) and first == drawn(sheet)
    assert "Invoice 1042 – Riverside Swim Club" in metadata(first)


def test_sixty_lines_go_over_pages_with_their_heading_and_the_total_beside_the_last() -> None:
    lines = [
        line(f"Line {number}: a long description that has to be broken", number) for number in range(1, 61)
    ]
    found = pages(drawn(invoice_sheet(an_invoice(*lines), CLUB, JANE)))
    assert len(found) > 1
    assert all(HEADINGS in page for page in found)
    assert "Riverside Swim Club Invoice 1042" in found[1]
    words = " ".join(found)
    places = [words.index(f"Line {number}:") for number in range(1, 61)]
    assert places == sorted(places)
    for length in range(20, 29):  # wherever the page ends, the total is never alone
        last = pages(drawn(invoice_sheet(an_invoice(*lines[:length]), CLUB, JANE)))
        (holding,) = [page for page in last if "Total to pay" in page]
        assert f"Line {length}:" in holding


@pytest.mark.parametrize(
    "name",
    ["محمد عبد الرحمن", "דוד בן־גוריון", "山田太郎", "김철수", "Нгуен Ελένη Đặng", "X" * 450,
     "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"],
)  # fmt: skip
def test_names_of_every_script_and_length_stay_on_the_page(name: str) -> None:
    sheet = invoice_sheet(an_invoice(line(name, 100_000), currency="JPY"), CLUB, Payer(name, address=(name,)))
    pdf = drawn(sheet)
    assert REPLACEMENT not in "".join(pages(pdf))
    page = pypdfium2.PdfDocument(pdf)[0]
    width = page.get_width()
    for place in range(page.get_textpage().count_chars()):
        left, _, right, _ = page.get_textpage().get_charbox(place) if place % 25 == 0 else (50.0, 0, 50.0, 0)
        assert left >= 0 and right <= width - 40


def test_what_no_font_has_is_marked_and_turns_of_direction_are_left_out() -> None:
    name = "A\N{RIGHT-TO-LEFT OVERRIDE}B 😀\N{VARIATION SELECTOR-16} ไทย \0\N{ZERO WIDTH JOINER}C"
    (page,) = pages(drawn(invoice_sheet(an_invoice(line("Dues", 1)), CLUB, Payer(name))))
    assert f"AB {REPLACEMENT} {REPLACEMENT * 3} C" in page


@pytest.mark.parametrize("logo", [Picture("png", png(30, 10)), Picture("svg", SVG), None])
def test_a_logo_stands_on_top(logo: Picture | None) -> None:
    pdf = drawn(invoice_sheet(an_invoice(line("Dues", 1)), replace(CLUB, logo=logo), JANE))
    assert is_pdf_a3(pdf)
    assert bool(PdfReader(io.BytesIO(pdf)).pages[0].images) == (logo is not None and logo.kind == "png")


def test_a_broken_picture_is_refused_with_its_field() -> None:
    broken = Picture("png", png()[:41] + bytes(30))
    with pytest.raises(Refused) as refused:
        drawn(invoice_sheet(an_invoice(line("Dues", 1)), replace(CLUB, logo=broken), JANE))
    assert (refused.value.code, refused.value.field) == ("document_undrawable", "logo")


def test_the_other_documents_are_drawn_too() -> None:
    card = ReceiptFacts(501, "USD", DAY, 10_000, "card", "Visa •••• 4242", (), AT)
    assert (
        "Received on Mar 1, 2026, by card (Visa •••• 4242)"
        in pages(drawn(receipt_sheet(card, CLUB, JANE)))[0]
    )
    moved = tuple(MovedFacts(DAY, "invoice", number, "Dues", 100) for number in range(60))
    account = AccountFacts("USD", 0, moved, ((0, 6_000), (1, 0), (31, 0), (61, 0), (91, 0)))
    found = pages(drawn(statement_sheet(StatementFacts(DAY, DUE, (account,), AT), CLUB, JANE)))
    assert all("Date Description Billed Paid Balance" in page for page in found) and len(found) > 1
    assert "Balance on Mar 31, 2026 $60.00" in found[-1] and "Not due yet" in found[-1]
    journals = tuple(
        JournalFacts(
            DAY, f"Invoice {number}: Dues", "USD", (("1200 Receivable", 5), ("4000 Income:Dues", -5))
        )
        for number in range(60)
    )
    facts = BatchFacts(12, "Renewals", "Run", DAY, "open", AT, None, None,
                       (CurrencyFacts("USD", 60, 300, 300, 0, (), ()),), journals, AT)  # fmt: skip
    found = pages(drawn(batch_sheet(facts, CLUB)))
    assert "Batch 12: Renewals" in found[0] and "Posted by" in found[-1]
    for page in found:  # a journal's heading is never parted from its entries
        assert page.count("Invoice ") == page.count("4000 Income:Dues") == page.count("1200 Receivable")
    note = CreditNoteFacts(9, "USD", DUE, 1042, DAY, "", (line("Dues", 500),), 500, AT)
    assert "Credit note 9" in pages(drawn(credit_note_sheet(note, CLUB, JANE)))[0]


VAT = TaxRate("USt", 190_000, inclusive=False)


@pytest.mark.parametrize("kind", ["taxed", "exempt", "outside", "credit note"])
def test_an_invoice_is_data_too_and_still_pdf_a_3(kind: str) -> None:
    """Factur-X, profile EN 16931: the XML fits its schema, and can be got out again."""
    issuer = replace(VEREIN, tax_number="" if kind == "outside" else VEREIN.tax_number)
    taxed = LineFacts("Kurs & Mehr <1>", 2, 10_000, 20_000, tax=VAT, tax_minor=3_800)
    lines = (taxed, line("Beitrag", 5_000)) if kind in ("taxed", "credit note") else (line("Beitrag", 5_000),)
    facts = an_invoice(*lines, currency="EUR")
    note = CreditNoteFacts(9, "EUR", DUE, 77, DAY, "", lines, facts.total_minor, AT)
    buyer = Payer("Müller GmbH", 5, ("Hof 1", "Hinterhaus", "10115 Berlin"), language="de")
    of = note if kind == "credit note" else facts
    sheet = (
        credit_note_sheet(note, issuer, buyer)
        if kind == "credit note"
        else invoice_sheet(facts, issuer, buyer)
    )
    pdf = TypstPrinter().pdf(sheet, electronic=electronic(of, issuer, buyer))
    assert is_pdf_a3(pdf) and "EN 16931" in metadata(pdf)
    name, xml = get_xml_from_pdf(pdf)
    assert name == "factur-x.xml" and xml_check_xsd(xml, flavor="factur-x", level="en16931")
    said = xml.decode()
    assert f"<ram:TypeCode>{'381' if kind == 'credit note' else '380'}</ram:TypeCode>" in said
    total = "288.00" if kind in ("taxed", "credit note") else "50.00"
    assert f"<ram:DuePayableAmount>{total}</ram:DuePayableAmount>" in said
    assert "Müller GmbH" in said and ("Kurs &amp; Mehr &lt;1&gt;" in said) == (
        kind in ("taxed", "credit note")
    )
    assert root_of(pdf)["/AF"]  # the data is associated with the document, as PDF/A-3 wants it
