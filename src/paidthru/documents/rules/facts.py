"""What documents are put together from, as the books have it: amounts in minor units, dates local. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from paidthru.documents.rules.sheets import Picture
from paidthru.kernel.periods import Period

ACCENT, BAND = "#14594a", "#eef3f1"
US_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "PA", "DO", "SV", "PR"})


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organization as it stands on its documents. `country` has two letters, "" where nobody said it."""

    name: str
    locale: str
    zone: str
    sandbox: bool = False
    address: tuple[str, ...] = ()
    country: str = ""
    contact: tuple[str, ...] = ()
    tax_number: str = ""
    footer: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()
    accent: str = ACCENT
    band: str = BAND
    logo: Picture | None = None
    electronic: bool = False


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom a document is for, as they were when it was issued."""

    name: str
    number: int | None = None
    address: tuple[str, ...] = ()
    country: str = ""
    language: str = ""
    tax_number: str = ""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax and its rate in millionths; an inclusive one is inside the amounts."""

    name: str
    rate_ppm: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line: what it bills without its tax (`amount_minor`), the tax beside it, and at which rate. `period` is the
    term that it bills, where its text is the fee alone."""

    text: str
    quantity: int
    unit_amount_minor: int
    amount_minor: int
    voluntary: bool = False
    tax: TaxRate | None = None
    tax_minor: int = 0
    period: Period | None = None

    @property
    def shown_minor(self) -> int:
        """The amount as the line shows it: with the tax that is inside."""
        return self.amount_minor + (self.tax_minor if self.tax and self.tax.inclusive else 0)


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice as it was issued; without a number it is a draft. `follows` is the number of the one it replaces."""

    number: int | str | None
    currency: str
    billed_on: date
    due_on: date
    lines: tuple[LineFacts, ...]
    total_minor: int
    issued_at: datetime
    follows: int | str | None = None


@dataclass(frozen=True, slots=True)
class CreditNoteFacts:
    """A credit note."""

    number: int
    currency: str
    issued_on: date
    invoice: int | str
    invoice_on: date
    reason: str
    lines: tuple[LineFacts, ...]
    total_minor: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class UsedFacts:
    """A part of a payment that paid (of) an invoice."""

    invoice: int | str
    text: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A payment as it came. `means` is card, bank, check, cash, transfer or terminal, `method` what may be shown of a
    card or bank account. What is not in `parts` was kept as credit, where they are known at all."""

    number: int
    currency: str
    received_on: date
    amount_minor: int
    means: str
    method: str
    parts: tuple[UsedFacts, ...]
    issued_at: datetime
    parts_known: bool = True


@dataclass(frozen=True, slots=True)
class TaxReceiptFacts:
    """A tax receipt: what was received (minor units) on a local date, the value of what the donor got in return, and
    what else is said (`sayings`, giving's rules). `replaces` is the number of the void one whose place it takes."""

    number: int
    currency: str
    amount_minor: int
    advantage_minor: int
    given_on: date
    issued_on: date
    country: str
    sayings: tuple[str, ...]
    void: bool
    replaces: int | None
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class GivenYearFacts:
    """What somebody gave in a calendar year, by their valid receipts, the earliest first."""

    year: int
    receipts: tuple[TaxReceiptFacts, ...]
    on: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class MovedFacts:
    """What moved an account: positive was billed, negative was paid or taken back. `kind` is one of the words
    `moved_…`; `number` is of the document, `text` of the books where there is none."""

    on: date
    kind: str
    number: int | str | None
    text: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account in one currency. `ages` are (days that it is overdue at least, minor units), 0 for what is not due."""

    currency: str
    opening_minor: int
    moved: tuple[MovedFacts, ...]
    ages: tuple[tuple[int, int], ...] = ()

    @property
    def closing_minor(self) -> int:
        """What is owed in the end; below nothing it is in the payer's favor."""
        return self.opening_minor + sum(one.amount_minor for one in self.moved)


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A statement of account for local dates from `start` through `through`."""

    start: date
    through: date
    accounts: tuple[AccountFacts, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """A renewal notice: what is billed, what of it credit pays, what is to be paid by when."""

    invoice: int | str
    currency: str
    lines: tuple[LineFacts, ...]
    total_minor: int
    credit_minor: int
    open_minor: int
    due_on: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SidesFacts:
    """Debits and credits of one account."""

    account: str
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True)
class CurrencyFacts:
    """A batch's sums in one currency, as the screen has them, and its accounts."""

    currency: str
    journals: int
    debit_minor: int
    credit_minor: int
    memo_minor: int
    accounts: tuple[SidesFacts, ...]
    memo_accounts: tuple[SidesFacts, ...]


@dataclass(frozen=True, slots=True)
class JournalFacts:
    """A journal: its date, its text, and its entries (account, minor units, debit positive)."""

    on: date
    text: str
    currency: str
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A batch. `kind` is in the reader's words already."""

    number: int
    name: str
    kind: str
    dated_on: date
    state: str
    opened_at: datetime
    reviewed: tuple[datetime, str] | None
    posted: tuple[datetime, str] | None
    sums: tuple[CurrencyFacts, ...]
    journals: tuple[JournalFacts, ...]
    made_at: datetime
