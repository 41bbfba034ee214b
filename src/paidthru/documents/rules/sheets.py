"""Documents ready to be drawn: everything worded and formatted, one dataclass a document. Pure.

Whoever draws one needs no number, no date and no language of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo: its bytes, and which kind they are (png, jpg, svg)."""

    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seller:
    """The letterhead: who sends the document, with its legal lines at the foot. Colours are `#rrggbb`."""

    name: str
    address: tuple[str, ...]
    contact: tuple[str, ...]
    footer: tuple[str, ...]
    accent: str
    band: str
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says, such as a date."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What all documents have: letterhead, recipient, facts beside it, heading, page numbers, language and paper.

    `title` names the file inside; `page` are the words before the page's number and those before the count; `mark` is
    a warning above everything (a sandbox, a sample). `made_at` is the instant that the file carries: the document's
    own, so that it comes out the same whenever it is drawn.
    """

    heading: str
    title: str
    seller: Seller
    recipient: tuple[str, ...]
    facts: tuple[Fact, ...]
    words: Mapping[str, str]
    page: tuple[str, str]
    language: str
    region: str | None
    paper: str
    made_at: datetime
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A row below the lines; a strong one is what counts in the end."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of an invoice, as it stands in the books: its text verbatim (A-13), with what explains it below."""

    text: str
    note: str
    quantity: str
    unit: str
    tax: str
    amount: str


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax of one rate: its base and what it comes to."""

    label: str
    net: str
    tax: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What invoice, credit note and renewal notice share."""

    template: ClassVar[str] = "billing"

    frame: Frame
    intro: str
    lines: tuple[BillLine, ...]
    totals: tuple[Total, ...]
    taxed: bool = False
    taxes: tuple[TaxLine, ...] = ()
    payment_title: str = ""
    payment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceSheet(Bill):
    """An invoice."""


@dataclass(frozen=True, slots=True)
class CreditNoteSheet(Bill):
    """A credit note."""


@dataclass(frozen=True, slots=True)
class NoticeSheet(Bill):
    """A renewal notice."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a part of a payment was used for."""

    text: str
    note: str
    amount: str


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """A receipt of a payment."""

    template: ClassVar[str] = "receipt"

    frame: Frame
    said: str
    amount: str
    parts: tuple[Used, ...]
    totals: tuple[Total, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenTable:
    """What was given in one currency, with its sums."""

    rows: tuple[Used, ...]
    totals: tuple[Total, ...]


@dataclass(frozen=True, slots=True)
class TaxReceiptSheet:
    """A tax receipt, or a year's statement of them. `signature` is the line for one, where the country wants it."""

    template: ClassVar[str] = "tax_receipt"

    frame: Frame
    said: str
    amounts: tuple[str, ...]
    tables: tuple[GivenTable, ...]
    notes: tuple[str, ...] = ()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of a statement: what was billed or paid, and the balance after it."""

    on: str
    text: str
    note: str
    billed: str
    paid: str
    balance: str


@dataclass(frozen=True, slots=True)
class StatementAccount:
    """A statement's account in one currency."""

    currency: str
    rows: tuple[Moved, ...]
    totals: tuple[Total, ...]
    ages: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementSheet:
    """A statement of account."""

    template: ClassVar[str] = "statement"

    frame: Frame
    accounts: tuple[StatementAccount, ...]
    payment_title: str = ""
    payment: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """The accounts of one currency that a batch moves, with their sum."""

    title: str
    rows: tuple[tuple[str, str, str], ...]
    foot: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class JournalRows:
    """A journal with its entries: account, debit, credit."""

    title: str
    entries: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class BatchSheet:
    """A batch report: the same totals as on screen (I-16), and every journal."""

    template: ClassVar[str] = "batch"

    frame: Frame
    figures: tuple[Fact, ...]
    groups: tuple[AccountGroup, ...]
    journals_title: str
    journals: tuple[JournalRows, ...]
    signatures: tuple[str, ...]
    notes: tuple[str, ...] = ()


Sheet: TypeAlias = (
    InvoiceSheet
    | CreditNoteSheet
    | NoticeSheet
    | ReceiptSheet
    | TaxReceiptSheet
    | StatementSheet
    | BatchSheet
)
