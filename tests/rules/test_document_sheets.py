"""What documents say, without drawing them: words, formats, lines verbatim, tax, statements (A-13, A-41, I-16)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from tests.papers import AT, CLUB, DAY, DUE, JANE, VEREIN, an_invoice, line

from paidthru.documents.rules.accounts import batch_sheet, receipt_sheet, statement_sheet
from paidthru.documents.rules.billing import credit_note_sheet, invoice_sheet, notice_sheet
from paidthru.documents.rules.electronic import electronic
from paidthru.documents.rules.facts import (
    AccountFacts,
    BatchFacts,
    CreditNoteFacts,
    CurrencyFacts,
    JournalFacts,
    LineFacts,
    MovedFacts,
    NoticeFacts,
    Payer,
    ReceiptFacts,
    SidesFacts,
    StatementFacts,
    TaxRate,
    UsedFacts,
)
from paidthru.documents.rules.words import WORDS, language_of
from paidthru.invoicing.rules.aging import aged
from paidthru.kernel.formats import best_locale
from paidthru.kernel.periods import Period

VAT, BOOKS = TaxRate("VAT", 190_000, inclusive=False), TaxRate("VAT", 70_000, inclusive=True)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_language_has_every_word_with_its_places(language: str) -> None:
    assert set(WORDS[language]) == set(WORDS["en"])
    for key, text in WORDS[language].items():
        assert text.strip() and places(text) == places(WORDS["en"][key]), key


def test_a_language_that_is_not_there_reads_as_english_dates_too() -> None:
    assert language_of("ja_JP") == "en"
    sheet = invoice_sheet(an_invoice(line("Dues", 100)), replace(CLUB, locale="ja_JP"), JANE)
    assert (sheet.frame.words["amount"], sheet.frame.language) == ("Amount", "en")


@pytest.mark.parametrize(
    ("language", "locale", "best"),
    [("de", "de_CH", "de_CH"), ("fr", "de_CH", "fr_CH"), ("de", "en_US", "de"), ("", "en_US", "en_US")],
)
def test_a_payer_reads_their_language_in_the_organization_s_region(
    language: str, locale: str, best: str
) -> None:
    assert best_locale(language, locale) == best


def test_lines_stand_verbatim_with_quantity_and_amount() -> None:
    """A-13: 2 × 12.50 + 1 × 5.00 come to 30.00."""
    sheet = invoice_sheet(
        an_invoice(line("Swim lesson *bold* #x $y$", 1250, 2), line("Locker", 500)), CLUB, JANE
    )
    assert [(one.text, one.quantity, one.unit, one.amount) for one in sheet.lines] == [
        ("Swim lesson *bold* #x $y$", "2", "$12.50", "$25.00"),
        ("Locker", "1", "$5.00", "$5.00"),
    ]
    assert [(one.label, one.value) for one in sheet.totals] == [("Total to pay", "$30.00")]
    assert sheet.frame.recipient == ("Jane Doe", "7 Elm Street", "Springfield, IL 62701")
    assert sheet.payment[-1] == "Please give the number 1042 as the reference."
    assert not sheet.taxed and not sheet.taxes


@pytest.mark.parametrize(
    ("currency", "locale", "shown"),
    [("JPY", "en_US", "¥1,234,567"), ("KWD", "en_US", "KWD 1,234.567"), ("EUR", "de_DE", "12.345,67 €"),
     ("JPY", "de_DE", "1.234.567 ¥"), ("EUR", "fr_FR", "12 345,67 €")],
)  # fmt: skip
def test_amounts_have_their_currency_s_decimals(currency: str, locale: str, shown: str) -> None:
    sheet = invoice_sheet(
        an_invoice(line("Dues", 1234567), currency=currency), replace(CLUB, locale=locale), JANE
    )
    assert " ".join(sheet.totals[-1].value.split()) == shown


def test_tax_is_summed_by_rate_on_top_or_inside() -> None:
    lines = (
        LineFacts("Course", 2, 10_000, 20_000, tax=VAT, tax_minor=3_800),
        LineFacts("Book", 1, 1_070, 1_000, tax=BOOKS, tax_minor=70),
        line("Dues", 5_000),
    )
    sheet = invoice_sheet(an_invoice(*lines, currency="EUR"), VEREIN, Payer("Ünal", language="de"))
    assert [one.amount for one in sheet.lines] == ["200,00\xa0€", "10,70\xa0€", "50,00\xa0€"]
    assert [(one.label, one.value) for one in sheet.totals] == [
        ("Zwischensumme", "260,70\xa0€"),
        ("VAT 19\xa0%", "38,00\xa0€"),
        ("darin VAT 7\xa0%", "0,70\xa0€"),
        ("Zu zahlen", "298,70\xa0€"),
    ]
    assert [(one.label, one.net, one.tax) for one in sheet.taxes] == [
        ("VAT 19\xa0%", "200,00\xa0€", "38,00\xa0€"),
        ("VAT 7\xa0%", "10,00\xa0€", "0,70\xa0€"),
    ]
    data = electronic(an_invoice(*lines, currency="EUR"), VEREIN, Payer("Ünal"))
    assert data is not None
    assert (data.net, data.tax, data.total) == (Decimal("260.00"), Decimal("38.70"), Decimal("298.70"))
    assert [(one.category, one.percent, one.net) for one in data.taxes] == [
        ("S", Decimal(19), Decimal("200.00")),
        ("S", Decimal(7), Decimal("10.00")),
        ("E", Decimal(0), Decimal("50.00")),
    ]


@pytest.mark.parametrize("currency", ["KWD", "JPY"])
def test_data_is_only_made_where_the_standard_has_room(currency: str) -> None:
    facts = an_invoice(line("Dues", 100), currency=currency)
    assert (electronic(facts, VEREIN, JANE) is None) == (currency == "KWD")
    assert electronic(replace(facts, number=None), VEREIN, JANE) is None
    assert electronic(facts, replace(VEREIN, country=""), JANE) is None


def test_a_line_that_bills_a_term_says_it_in_the_reader_s_way() -> None:
    dues = replace(line("Couple", 39_500), period=Period(date(2027, 1, 1), date(2028, 1, 1)), voluntary=True)
    german = invoice_sheet(an_invoice(dues), CLUB, replace(JANE, language="de"))
    assert (german.lines[0].text, german.lines[0].note) == (
        "Couple",
        "1. Jan.\u2009–\u200931. Dez. 2027 · Freiwillig",
    )


def test_a_credit_note_names_its_invoice_and_why() -> None:
    facts = CreditNoteFacts(9, "USD", DUE, 1042, DAY, "Course fell out", (line("Course", 500),), 500, AT)
    sheet = credit_note_sheet(facts, CLUB, JANE)
    assert sheet.intro == "It credits invoice 1042 of Mar 1, 2026."
    assert sheet.notes == ("Reason: Course fell out",)
    assert sheet.totals[-1].value == "$5.00" and not sheet.payment


def test_a_notice_shows_credit_and_what_is_left() -> None:
    """G-43, G-45."""
    lines = (line("Dues", 12_000), line("Left unpaid: dues 2025", 3_000))
    sheet = notice_sheet(NoticeFacts(1, "USD", lines, 15_000, 2_000, 13_000, DUE, AT), CLUB, JANE)
    assert [(one.label, one.value) for one in sheet.totals] == [
        ("Total", "$150.00"),
        ("Credit used", "−$20.00"),
        ("To pay by Mar 31, 2026", "$130.00"),
    ]


def test_a_receipt_says_what_came_and_what_it_paid() -> None:
    facts = ReceiptFacts(
        5, "USD", DAY, 10_000, "card", "Visa •••• 4242", (UsedFacts(1042, "Dues", 8_000),), AT
    )
    sheet = receipt_sheet(facts, CLUB, JANE)
    assert sheet.said == "Received on Mar 1, 2026, by card (Visa •••• 4242)"
    assert [(one.text, one.amount) for one in sheet.parts] == [
        ("Invoice 1042", "$80.00"),
        ("Kept as credit", "$20.00"),
    ]


def test_a_statement_runs_from_what_was_brought_forward_to_the_balance() -> None:
    moved = (
        MovedFacts(date(2026, 1, 1), "invoice", 7, "Dues", 12_000),
        MovedFacts(date(2026, 1, 9), "payment", 3, "", -20_000),
    )
    account = AccountFacts("USD", 5_000, moved, aged({-3: 100, 0: 50, 1: 7, 90: 9, 400: 11}))
    sheet = statement_sheet(StatementFacts(date(2026, 1, 1), DAY, (account,), AT), CLUB, JANE)
    (shown,) = sheet.accounts
    assert [(one.text, one.billed, one.paid, one.balance) for one in shown.rows] == [
        ("Brought forward", "", "", "$50.00"),
        ("Invoice 7", "$120.00", "", "$170.00"),
        ("Payment 3, thank you", "", "$200.00", "−$30.00"),
    ]
    assert shown.totals[0].label == "Balance on Mar 1, 2026, in your favor"
    assert shown.totals[0].value == "$30.00" and not sheet.payment
    assert [(one.label, one.value) for one in shown.ages] == [
        ("Not due yet", "$1.50"), ("1–30 days", "$0.07"), ("31–60 days", "$0.00"), ("61–90 days", "$0.09"),
        ("Over 90 days", "$0.11"),
    ]  # fmt: skip


def test_a_batch_report_has_the_figures_and_the_rows() -> None:
    sides = (SidesFacts("1200 Receivable", 500, 0), SidesFacts("4000 Income:Dues", 0, 500))
    journals = (
        JournalFacts(DAY, "Invoice 1: Dues", "USD", (("1200 Receivable", 500), ("4000 Income:Dues", -500))),
    )
    facts = BatchFacts(12, "Renewals", "Renewal run", DAY, "posted", AT, (AT, "Finn"), None,
                       (CurrencyFacts("USD", 3, 500, 500, 0, sides, ()),), journals, AT)  # fmt: skip
    sheet = batch_sheet(facts, CLUB)
    assert [(one.label, one.value) for one in sheet.figures] == [
        ("Journals", "3"), ("Debits", "$5.00"), ("Credits", "$5.00"),
    ]  # fmt: skip
    assert sheet.groups[0].foot == ("Total", "$5.00", "$5.00")
    assert sheet.journals[0].title == "Mar 1, 2026 · Invoice 1: Dues"
    assert sheet.notes == ("The first 1 of 3 journals; the totals are of all.",)
