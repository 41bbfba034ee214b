"""An invoice or credit note as data for the payer's own books: Factur-X, profile EN 16931. Pure.

What European rules want is filled in here: a category for each line's tax, sums by rate, both countries. Who writes the
XML is behind the printer.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from paidthru.documents.rules.facts import CreditNoteFacts, InvoiceFacts, Issuer, LineFacts, Payer
from paidthru.kernel.money import exponent

INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001
TAXED, EXEMPT, OUTSIDE = "S", "E", "O"  # UNCL 5305


@dataclass(frozen=True, slots=True)
class Trader:
    """One side: its name, address lines, country (two letters) and tax number."""

    name: str
    address: tuple[str, ...]
    country: str
    tax_number: str


@dataclass(frozen=True, slots=True)
class DataTax:
    """Tax of one category and rate: base and amount; `percent` is None outside of the tax's scope."""

    category: str
    percent: Decimal | None
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class DataLine:
    """A line: net price of one, quantity, net amount, and its tax."""

    text: str
    quantity: int
    price: Decimal
    net: Decimal
    category: str
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class ElectronicInvoice:
    """The document as data. `credits` is the number and date of the invoice that a credit note takes back."""

    kind: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    seller: Trader
    buyer: Trader
    lines: tuple[DataLine, ...]
    taxes: tuple[DataTax, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    credits: tuple[str, date] | None = None


def electronic(
    facts: InvoiceFacts | CreditNoteFacts, issuer: Issuer, payer: Payer
) -> ElectronicInvoice | None:
    """The document as data; None where it can't be one: a draft, nothing on it, a currency with more than two decimals
    (the standard knows none), or an organization that never said in which country it is."""
    if not facts.number or not facts.lines or not issuer.country or exponent(facts.currency) > 2:
        return None
    untaxed = OUTSIDE if not issuer.tax_number and all(line.tax is None for line in facts.lines) else EXEMPT
    digits = exponent(facts.currency)

    def decimal(amount_minor: int) -> Decimal:
        return Decimal(amount_minor).scaleb(-digits)

    def rated(line: LineFacts) -> tuple[str, Decimal | None]:
        if line.tax is not None and line.tax.rate_ppm:
            return TAXED, Decimal(line.tax.rate_ppm).scaleb(-4).normalize()
        return untaxed, None if untaxed == OUTSIDE else Decimal(0)

    lines, sums = [], dict[tuple[str, Decimal | None], tuple[int, int]]()
    for line in facts.lines:
        key = rated(line)
        net, tax = sums.get(key, (0, 0))
        sums[key] = (net + line.amount_minor, tax + line.tax_minor)
        even = line.quantity > 0 and line.amount_minor % line.quantity == 0
        quantity = line.quantity if even else 1
        lines.append(
            DataLine(
                line.text, quantity, decimal(line.amount_minor // quantity), decimal(line.amount_minor), *key
            )
        )
    net_minor, tax_minor = sum(each[0] for each in sums.values()), sum(each[1] for each in sums.values())
    if net_minor + tax_minor != facts.total_minor:
        raise ValueError(f"document {facts.number}: lines and tax are not its total")
    is_invoice = isinstance(facts, InvoiceFacts)
    return ElectronicInvoice(
        kind=INVOICE if is_invoice else CREDIT_NOTE,
        number=str(facts.number),
        issued_on=facts.billed_on if isinstance(facts, InvoiceFacts) else facts.issued_on,
        due_on=facts.due_on if isinstance(facts, InvoiceFacts) else None,
        currency=facts.currency,
        seller=Trader(issuer.name, issuer.address, issuer.country, issuer.tax_number),
        buyer=Trader(payer.name, payer.address, payer.country or issuer.country, payer.tax_number),
        lines=tuple(lines),
        taxes=tuple(DataTax(*key, decimal(net), decimal(tax)) for key, (net, tax) in sums.items()),
        net=decimal(net_minor),
        tax=decimal(tax_minor),
        total=decimal(facts.total_minor),
        credits=None if isinstance(facts, InvoiceFacts) else (str(facts.invoice), facts.invoice_on),
    )
