"""A sample document, for looking at a letterhead. Pure."""

from datetime import date, datetime, timedelta

from paidthru.documents.rules.billing import invoice_sheet
from paidthru.documents.rules.facts import InvoiceFacts, Issuer, LineFacts, Payer
from paidthru.documents.rules.frame import Voice
from paidthru.documents.rules.sheets import InvoiceSheet
from paidthru.kernel.money import exponent

_LINES = {
    "en": ("Annual membership", "Locker", "Donation to the library"),
    "de": ("Jahresbeitrag", "Schließfach", "Spende für die Bibliothek"),
    "fr": ("Cotisation annuelle", "Casier", "Don à la bibliothèque"),
    "es": ("Cuota anual", "Taquilla", "Donativo para la biblioteca"),
}


def sample_invoice(issuer: Issuer, *, on: date, at: datetime, currency: str = "USD") -> InvoiceSheet:
    """An invoice to nobody, with the letterhead as it would be."""
    voice = Voice.of(issuer)
    whole = 10 ** exponent(currency)
    texts = _LINES[voice.language]
    lines = (
        LineFacts(texts[0], 1, 120 * whole, 120 * whole),
        LineFacts(texts[1], 2, 15 * whole, 30 * whole),
        LineFacts(texts[2], 1, 10 * whole, 10 * whole, voluntary=True),
    )
    facts = InvoiceFacts(1001, currency, on, on + timedelta(days=30), lines, 160 * whole, at)
    payer = Payer("Jane Q. Sample", 1, ("1 Example Street", "Sampleton"))
    return invoice_sheet(facts, issuer, payer, mark=voice.word("sample"))
