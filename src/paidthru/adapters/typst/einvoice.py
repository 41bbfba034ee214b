"""An invoice as data inside its PDF: Factur-X, profile EN 16931 (UN/CEFACT Cross Industry Invoice)."""

from datetime import date
from xml.etree import ElementTree as ET

from facturx import generate_from_binary

from paidthru.documents.rules.electronic import (
    EXEMPT,
    OUTSIDE,
    DataLine,
    DataTax,
    ElectronicInvoice,
    Trader,
)

GUIDELINE = "urn:cen.eu:en16931:2017"
LEVEL = "en16931"
_SPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_REASONS = {EXEMPT: "Exempt from tax", OUTSIDE: "Not subject to tax"}


def with_data(pdf: bytes, invoice: ElectronicInvoice, *, language: str, title: str) -> bytes:
    """The same PDF with the invoice as data inside, checked against the profile's schema; it stays PDF/A-3."""
    made: bytes = generate_from_binary(
        pdf,
        xml_of(invoice),
        flavor="factur-x",
        level=LEVEL,
        check_xsd=True,
        check_schematron=False,  # needs a server of its own
        lang=language,
        pdf_metadata={
            "author": invoice.seller.name,
            "keywords": "Factur-X",
            "title": title,
            "subject": title,
        },
        afrelationship="alternative",
    )
    return made


def xml_of(invoice: ElectronicInvoice) -> bytes:
    """The invoice as XML."""
    for prefix, uri in _SPACES.items():
        ET.register_namespace(prefix, uri)
    top = ET.Element(_name("rsm:CrossIndustryInvoice"))
    context = _in(top, "rsm:ExchangedDocumentContext")
    _in(_in(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", GUIDELINE)
    document = _in(top, "rsm:ExchangedDocument")
    _in(document, "ram:ID", invoice.number)
    _in(document, "ram:TypeCode", invoice.kind)
    _day(_in(document, "ram:IssueDateTime"), invoice.issued_on)
    trade = _in(top, "rsm:SupplyChainTradeTransaction")
    for place, line in enumerate(invoice.lines, 1):
        _line(trade, place, line)
    agreement = _in(trade, "ram:ApplicableHeaderTradeAgreement")
    _trader(agreement, "ram:SellerTradeParty", invoice.seller)
    _trader(agreement, "ram:BuyerTradeParty", invoice.buyer)
    _in(trade, "ram:ApplicableHeaderTradeDelivery")
    _settlement(trade, invoice)
    made: bytes = ET.tostring(top, encoding="UTF-8", xml_declaration=True)
    return made


def _line(trade: ET.Element, place: int, line: DataLine) -> None:
    item = _in(trade, "ram:IncludedSupplyChainTradeLineItem")
    _in(_in(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(place))
    _in(_in(item, "ram:SpecifiedTradeProduct"), "ram:Name", line.text)
    price = _in(_in(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _in(price, "ram:ChargeAmount", f"{line.price:f}")
    delivery = _in(item, "ram:SpecifiedLineTradeDelivery")
    _in(delivery, "ram:BilledQuantity", str(line.quantity), unitCode="C62")
    settlement = _in(item, "ram:SpecifiedLineTradeSettlement")
    tax = _in(settlement, "ram:ApplicableTradeTax")
    _in(tax, "ram:TypeCode", "VAT")
    _in(tax, "ram:CategoryCode", line.category)
    if line.percent is not None:
        _in(tax, "ram:RateApplicablePercent", f"{line.percent:f}")
    summed = _in(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _in(summed, "ram:LineTotalAmount", f"{line.net:f}")


def _trader(agreement: ET.Element, name: str, trader: Trader) -> None:
    party = _in(agreement, name)
    _in(party, "ram:Name", trader.name)
    place = _in(party, "ram:PostalTradeAddress")
    head, tail = trader.address[:2], ", ".join(trader.address[2:])
    for key, text in zip(("ram:LineOne", "ram:LineTwo", "ram:LineThree"), (*head, tail), strict=False):
        if text:
            _in(place, key, text)
    _in(place, "ram:CountryID", trader.country)
    if trader.tax_number:
        number = trader.tax_number.replace(" ", "")
        scheme = "VA" if number[:2].isalpha() else "FC"  # an EU number begins with its country
        _in(_in(party, "ram:SpecifiedTaxRegistration"), "ram:ID", number, schemeID=scheme)


def _settlement(trade: ET.Element, invoice: ElectronicInvoice) -> None:
    settlement = _in(trade, "ram:ApplicableHeaderTradeSettlement")
    _in(settlement, "ram:PaymentReference", invoice.number)
    _in(settlement, "ram:InvoiceCurrencyCode", invoice.currency)
    for tax in invoice.taxes:
        _tax(settlement, tax)
    if invoice.due_on is not None:
        _day(_in(_in(settlement, "ram:SpecifiedTradePaymentTerms"), "ram:DueDateDateTime"), invoice.due_on)
    sums = _in(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _in(sums, "ram:LineTotalAmount", f"{invoice.net:f}")
    _in(sums, "ram:TaxBasisTotalAmount", f"{invoice.net:f}")
    _in(sums, "ram:TaxTotalAmount", f"{invoice.tax:f}", currencyID=invoice.currency)
    _in(sums, "ram:GrandTotalAmount", f"{invoice.total:f}")
    _in(sums, "ram:DuePayableAmount", f"{invoice.total:f}")
    if invoice.credits is not None:
        number, on = invoice.credits
        credited = _in(settlement, "ram:InvoiceReferencedDocument")
        _in(credited, "ram:IssuerAssignedID", number)
        _day(_in(credited, "ram:FormattedIssueDateTime"), on, "qdt")


def _tax(settlement: ET.Element, tax: DataTax) -> None:
    part = _in(settlement, "ram:ApplicableTradeTax")
    _in(part, "ram:CalculatedAmount", f"{tax.tax:f}")
    _in(part, "ram:TypeCode", "VAT")
    if tax.category in _REASONS:
        _in(part, "ram:ExemptionReason", _REASONS[tax.category])
    _in(part, "ram:BasisAmount", f"{tax.net:f}")
    _in(part, "ram:CategoryCode", tax.category)
    if tax.percent is not None:
        _in(part, "ram:RateApplicablePercent", f"{tax.percent:f}")


def _day(above: ET.Element, on: date, space: str = "udt") -> None:
    _in(above, f"{space}:DateTimeString", on.strftime("%Y%m%d"), format="102")


def _in(above: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(above, _name(name), attributes)
    if text:
        element.text = "".join(sign for sign in text if sign.isprintable())
    return element


def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_SPACES[prefix]}}}{local}"
