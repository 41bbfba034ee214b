"""What the tests of documents share: an organization on paper, somebody to write to, and how a PDF is read."""

import io
import re
from datetime import UTC, date, datetime

from pypdf import PdfReader

from paidthru.adapters.typst.printer import TypstPrinter
from paidthru.documents.rules.facts import InvoiceFacts, Issuer, LineFacts, Payer
from paidthru.documents.rules.sheets import Sheet

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, DUE = date(2026, 3, 1), date(2026, 3, 31)
CLUB = Issuer(
    "Riverside Swim Club",
    "en_US",
    "America/New_York",
    address=("12 Harbor Road", "Riverside, CA 92501"),
    country="US",
    tax_number="12-3456789",
    payment=("By check to the club.",),
)
VEREIN = Issuer(
    "Schwimmverein Größerstadt e. V.", "de_DE", "Europe/Berlin", country="DE", tax_number="DE123456789"
)
JANE = Payer("Jane Doe", 1001, ("7 Elm Street", "Springfield, IL 62701"), "US")


def line(text: str, unit_minor: int, quantity: int = 1) -> LineFacts:
    return LineFacts(text, quantity, unit_minor, quantity * unit_minor)


def an_invoice(*lines: LineFacts, currency: str = "USD", number: int | None = 1042) -> InvoiceFacts:
    total = sum(
        one.shown_minor + (one.tax_minor if one.tax and not one.tax.inclusive else 0) for one in lines
    )
    return InvoiceFacts(number, currency, DAY, DUE, lines, total, AT)


def drawn(sheet: Sheet) -> bytes:
    return TypstPrinter().pdf(sheet)


def pages(pdf: bytes) -> list[str]:
    """The words of each page, blanks of every kind as one."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
