"""Invoice, credit note and renewal notice are put together. Pure; nothing is computed but sums of what is shown."""

from collections.abc import Sequence

from paidthru.documents.rules.facts import (
    CreditNoteFacts,
    InvoiceFacts,
    Issuer,
    LineFacts,
    NoticeFacts,
    Payer,
    TaxRate,
)
from paidthru.documents.rules.frame import Voice, framed
from paidthru.documents.rules.sheets import (
    BillLine,
    CreditNoteSheet,
    InvoiceSheet,
    NoticeSheet,
    TaxLine,
    Total,
)


def invoice_sheet(facts: InvoiceFacts, issuer: Issuer, payer: Payer, *, mark: str = "") -> InvoiceSheet:
    """An invoice, as it was issued: payments that came since are on receipts and statements."""
    voice = Voice.of(issuer, payer)
    currency = facts.currency
    heading = voice.word("invoice", number=str(facts.number)) if facts.number else voice.word("draft")
    told = [
        *([("number", str(facts.number))] if facts.number else []),
        ("date", voice.day(facts.billed_on)),
        ("due", voice.day(facts.due_on)),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    notes = []
    if facts.follows:
        notes.append(voice.word("follows", number=str(facts.follows)))
    owes = facts.total_minor > 0
    payment = issuer.payment if owes else ()
    if payment and facts.number:
        payment = (*payment, voice.word("pay_reference", number=str(facts.number)))
    return InvoiceSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            heading,
            [(voice.word(key), value) for key, value in told],
            made_at=facts.issued_at,
            mark=mark or ("" if facts.number else voice.word("not_issued")),
        ),
        intro="",
        lines=bill_lines(voice, facts.lines, currency),
        totals=(
            *_sums(voice, facts.lines, currency),
            Total(voice.word("total_due"), voice.money(facts.total_minor, currency), strong=True),
        ),
        taxed=_taxed(facts.lines),
        taxes=tax_lines(voice, facts.lines, currency),
        payment_title=voice.word("how_to_pay") if payment else "",
        payment=payment,
        notes=tuple(notes),
    )


def credit_note_sheet(facts: CreditNoteFacts, issuer: Issuer, payer: Payer) -> CreditNoteSheet:
    """A credit note: what it takes back of which invoice, and why (I-34)."""
    voice = Voice.of(issuer, payer)
    currency = facts.currency
    told = [
        ("number", str(facts.number)),
        ("date", voice.day(facts.issued_on)),
        ("of_invoice", str(facts.invoice)),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    return CreditNoteSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("credit_note", number=str(facts.number)),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.issued_at,
        ),
        intro=voice.word("credits_invoice", number=str(facts.invoice), date=voice.day(facts.invoice_on)),
        lines=bill_lines(voice, facts.lines, currency),
        totals=(
            *_sums(voice, facts.lines, currency),
            Total(voice.word("total_credited"), voice.money(facts.total_minor, currency), strong=True),
        ),
        taxed=_taxed(facts.lines),
        taxes=tax_lines(voice, facts.lines, currency),
        notes=(voice.word("reason", reason=facts.reason),) if facts.reason else (),
    )


def notice_sheet(facts: NoticeFacts, issuer: Issuer, payer: Payer) -> NoticeSheet:
    """A renewal notice (G-43, G-45): lines, credit that is used, and what is to be paid by when."""
    voice = Voice.of(issuer, payer)
    currency = facts.currency
    told = [
        ("of_invoice", str(facts.invoice)),
        ("due", voice.day(facts.due_on)),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    totals = [
        *_sums(voice, facts.lines, currency),
        Total(voice.word("total"), voice.money(facts.total_minor, currency)),
    ]
    if facts.credit_minor:
        totals.append(Total(voice.word("credit_used"), voice.money(-facts.credit_minor, currency)))
    by = voice.word("to_pay_by", date=voice.day(facts.due_on))
    payment = (
        (*issuer.payment, voice.word("pay_reference", number=str(facts.invoice)))
        if issuer.payment and facts.open_minor
        else ()
    )
    return NoticeSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("renewal_notice"),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.made_at,
        ),
        intro=voice.word("renews"),
        lines=bill_lines(voice, facts.lines, currency),
        totals=(
            *totals,
            Total(
                by if facts.open_minor else voice.word("nothing_to_pay"),
                voice.money(facts.open_minor, currency),
                strong=True,
            ),
        ),
        taxed=_taxed(facts.lines),
        taxes=tax_lines(voice, facts.lines, currency),
        payment_title=voice.word("how_to_pay") if payment else "",
        payment=payment,
    )


def bill_lines(voice: Voice, lines: Sequence[LineFacts], currency: str) -> tuple[BillLine, ...]:
    """Lines with their text as it is (A-13)."""
    return tuple(
        BillLine(
            text=line.text,
            note=_note(voice, line),
            quantity=voice.number(line.quantity),
            unit=voice.money(line.unit_amount_minor, currency),
            tax=voice.percent(line.tax.rate_ppm) if line.tax else "",
            amount=voice.money(line.shown_minor, currency),
        )
        for line in lines
    )


def _note(voice: Voice, line: LineFacts) -> str:
    """The term that a line bills, and that it is voluntary."""
    told = [voice.period(line.period)] if line.period else []
    return " · ".join([*told, *([voice.word("voluntary")] if line.voluntary else [])])


def by_rate(lines: Sequence[LineFacts]) -> dict[TaxRate, tuple[int, int]]:
    """Base and tax of each rate, in minor units, in the order in which the rates come up."""
    found: dict[TaxRate, tuple[int, int]] = {}
    for line in lines:
        if line.tax is not None:
            net, tax = found.get(line.tax, (0, 0))
            found[line.tax] = (net + line.amount_minor, tax + line.tax_minor)
    return found


def tax_lines(voice: Voice, lines: Sequence[LineFacts], currency: str) -> tuple[TaxLine, ...]:
    """The tax by rate, with its base."""
    return tuple(
        TaxLine(
            f"{rate.name} {voice.percent(rate.rate_ppm)}",
            voice.money(net, currency),
            voice.money(tax, currency),
        )
        for rate, (net, tax) in by_rate(lines).items()
    )


def _sums(voice: Voice, lines: Sequence[LineFacts], currency: str) -> list[Total]:
    """What stands between the lines and the total: their sum, and each tax that comes on top or is inside."""
    rates = by_rate(lines)
    if not rates:
        return []
    found = []
    if any(not rate.inclusive for rate in rates):
        shown = sum(line.shown_minor for line in lines)
        found.append(Total(voice.word("subtotal"), voice.money(shown, currency)))
    for rate, (_, tax) in rates.items():
        word = "tax_in" if rate.inclusive else "tax_on"
        label = voice.word(word, name=rate.name, rate=voice.percent(rate.rate_ppm))
        found.append(Total(label, voice.money(tax, currency)))
    return found


def _taxed(lines: Sequence[LineFacts]) -> bool:
    return any(line.tax is not None for line in lines)
