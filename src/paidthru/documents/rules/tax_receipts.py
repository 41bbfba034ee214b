"""Tax receipts, and a year's statement of them, are put together (A-25). Pure."""

from paidthru.documents.rules.facts import GivenYearFacts, Issuer, Payer, TaxReceiptFacts
from paidthru.documents.rules.frame import Voice, framed
from paidthru.documents.rules.sheets import GivenTable, TaxReceiptSheet, Total, Used

_SIGNED = ("CA",)  # where a receipt has to be signed
_PLACED = ("CA",)  # where it has to say in which place it was issued (Income Tax Regulations 3501(1)(d))


def tax_receipt_sheet(
    facts: TaxReceiptFacts, issuer: Issuer, payer: Payer, *, duplicate: bool = False
) -> TaxReceiptSheet:
    """A receipt: what was received and when, what was given in return, and what the country wants to be said. A copy of
    one that was handed out says so, and a void one that it isn't valid."""
    voice = Voice.of(issuer, payer)
    marks = [voice.word("receipt_void")] if facts.void else []
    marks += [voice.word("receipt_duplicate")] if duplicate else []
    told = [
        ("number", str(facts.number)),
        ("given_on", voice.day(facts.given_on)),
        ("issued_on", voice.day(facts.issued_on)),
        *([("issued_in", issuer.address[-1])] if facts.country in _PLACED and issuer.address else []),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    notes = [_said(voice, facts, one) for one in facts.sayings]
    if facts.replaces is not None:
        notes.append(voice.word("receipt_replaces", number=str(facts.replaces)))
    return TaxReceiptSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("tax_receipt", number=str(facts.number)),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.issued_at,
            mark=" ".join(marks),
        ),
        said=voice.word("contribution_received", date=voice.day(facts.given_on)),
        amounts=(voice.money(facts.amount_minor, facts.currency),),
        tables=(_table(voice, (facts,)),),
        notes=(*notes, voice.word("thanks")),
        signature=voice.word("signature") if facts.country in _SIGNED else "",
    )


def given_year_sheet(facts: GivenYearFacts, issuer: Issuer, payer: Payer) -> TaxReceiptSheet:
    """What somebody gave in a year, each currency by itself; it names the receipts, and stands in no one's place."""
    voice = Voice.of(issuer, payer)
    by_currency: dict[str, list[TaxReceiptFacts]] = {}
    for one in facts.receipts:
        by_currency.setdefault(one.currency, []).append(one)
    told = [
        ("period", str(facts.year)),
        ("date", voice.day(facts.on)),
        *([("customer", str(payer.number))] if payer.number else []),
    ]
    return TaxReceiptSheet(
        frame=framed(
            voice,
            issuer,
            payer,
            voice.word("given_year", year=str(facts.year)),
            [(voice.word(key), value) for key, value in told],
            made_at=facts.made_at,
        ),
        said=voice.word("given_year", year=str(facts.year)),
        amounts=tuple(
            voice.money(sum(one.amount_minor for one in found), currency)
            for currency, found in by_currency.items()
        ),
        tables=tuple(_table(voice, tuple(found), numbered=True) for found in by_currency.values()),
        notes=(voice.word("given_year_note"), voice.word("thanks")),
    )


def _table(voice: Voice, found: tuple[TaxReceiptFacts, ...], *, numbered: bool = False) -> GivenTable:
    """Rows of one currency, with what of them is eligible where something was given in return."""
    currency = found[0].currency
    rows = tuple(
        Used(
            voice.word("contribution", date=voice.day(one.given_on)),
            voice.word("tax_receipt", number=str(one.number)) if numbered else "",
            voice.money(one.amount_minor, currency),
        )
        for one in found
    )
    total, advantage = (
        sum(one.amount_minor for one in found),
        sum(one.advantage_minor for one in found),
    )
    sums = [Total(voice.word("total"), voice.money(total, currency), strong=not advantage)]
    if advantage:
        sums.append(Total(voice.word("advantage"), voice.money(-advantage, currency)))
        sums.append(Total(voice.word("eligible"), voice.money(total - advantage, currency), strong=True))
    return GivenTable(rows, tuple(sums))


def _said(voice: Voice, facts: TaxReceiptFacts, saying: str) -> str:
    return voice.word(
        f"says_{saying}",
        amount=voice.money(facts.amount_minor, facts.currency),
        advantage=voice.money(facts.advantage_minor, facts.currency),
        eligible=voice.money(facts.amount_minor - facts.advantage_minor, facts.currency),
    )
