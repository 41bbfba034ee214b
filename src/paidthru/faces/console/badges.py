"""States, kinds and ways to pay in words, with their tones. Display only."""

from datetime import date

from paidthru.faces.console.parts import Badge, Text, Tone, Value
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.states import shown_state
from paidthru.kernel.money import Money
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.payments.queries.reviewing import ReviewStatus, status_of
from paidthru.payments.rules.refunds import RefundLabel
from paidthru.payments.rules.settlement import SettlementLabel

_LABELS: dict[str, Tone] = {
    "Active": "good",
    "Pending": "info",
    "Past Due": "bad",
    "Delinquent": "bad",
    "Lapsed": "bad",
    "Inactive": "warn",
    "Pending Cancellation": "warn",
}
_INVOICES: dict[str, tuple[str, Tone]] = {
    "draft": ("Draft", "neutral"),
    "sent": ("Open", "info"),
    "overdue": ("Overdue", "bad"),
    "paid": ("Paid", "good"),
    "closed": ("Closed", "neutral"),
    "void": ("Void", "neutral"),
    "uncollectible": ("Uncollectible", "warn"),
}
_BATCHES: dict[str, tuple[str, Tone]] = {
    "open": ("Open", "info"),
    "reviewed": ("Reviewed", "warn"),
    "posted": ("Posted", "good"),
}
BATCH_KINDS = {
    "renewal": "Renewal run",
    "autopay": "AutoPay",
    "receipts": "Receipts",
    "sales": "New memberships",
    "recognition": "Recognition",
    "adjustments": "Adjustments",
    "refunds": "Refunds",
    "returns": "Returns",
    "settlement": "Settlement",
}
MEANS = {
    "card": "Card",
    "bank": "Bank debit",
    "check": "Check",
    "cash": "Cash",
    "transfer": "Bank transfer",
    "terminal": "Card terminal",
}
WENT_BY = {
    "gateway": "The processor",
    "check": "Check",
    "cash": "Cash",
    "transfer": "Bank transfer",
    "elsewhere": "Another way",
}
REVIEWED: dict[ReviewStatus, tuple[str, Tone]] = {
    ReviewStatus.APPLIED: ("Applied", "good"),
    ReviewStatus.CREDIT: ("Credit left", "warn"),
    ReviewStatus.FAILED_TO_SETTLE: ("Failed to Settle", "bad"),
    ReviewStatus.DISPUTED: ("Disputed", "bad"),
    ReviewStatus.PARTLY_REFUNDED: ("Refunded in part", "neutral"),
    ReviewStatus.REFUNDED: ("Refunded", "neutral"),
    ReviewStatus.RETURNED: ("Returned", "bad"),
    ReviewStatus.REVERSED: ("Reversed", "warn"),
    ReviewStatus.REJECTED: ("Rejected", "bad"),
    ReviewStatus.UNDER_WAY: ("Under way", "info"),
    ReviewStatus.REQUIRES_ACTION: ("Waits for the member", "warn"),
    ReviewStatus.NEEDS_REVIEW: ("Needs a person", "bad"),
    ReviewStatus.CANCELED: ("Canceled", "neutral"),
}
_REFUNDS: dict[RefundLabel, Tone] = {
    RefundLabel.WAITING: "warn",
    RefundLabel.PENDING: "info",
    RefundLabel.DONE: "good",
}
CAME_BY = {
    "join": "Joining",
    "renewal": "Renewal",
    "run": "Renewal run",
    "import": "Before Paidthru",
    "external": "Marked as paid",
    "switch": "Change of plan",
    "trial": "Trial",
}


def label_badge(label: str) -> Badge:
    """A member's status label."""
    return Badge(label, _LABELS.get(label, "neutral"))


def invoice_badge(invoice: Invoice, on: date) -> Badge:
    """An invoice's state on a local date; overdue is a matter of the date (A-18)."""
    return invoice_state_badge(invoice.state, invoice.due_on, invoice.balance_minor, on)


def invoice_state_badge(state: str, due_on: date, balance_minor: int, on: date) -> Badge:
    """As `invoice_badge`, of one that isn't at hand as a whole."""
    return Badge(*_INVOICES[shown_state(state, due_on, balance_minor, on)])


def batch_badge(state: str) -> Badge:
    """A batch's state."""
    return Badge(*_BATCHES[state])


def settlement_badge(label: SettlementLabel) -> Badge:
    """An attempt's settlement state, red where somebody has to look (I-48, I-52)."""
    if label.red:
        return Badge(label, "bad")
    tones: dict[SettlementLabel, Tone] = {
        SettlementLabel.SETTLED: "good",
        SettlementLabel.NOT_SETTLED: "warn",
        SettlementLabel.IN_PROGRESS: "info",
    }
    return Badge(label, tones.get(label, "neutral"))


def review_badge(one: Payment | Attempt) -> Badge:
    """Where a payment stands, or an attempt that has brought no money."""
    return Badge(*REVIEWED[status_of(one)])


def refund_badge(label: RefundLabel) -> Badge:
    """Where a refund stands, red where somebody has to look (A-36)."""
    return Badge(label.value, "bad" if label.red else _REFUNDS.get(label, "neutral"))


def method_text(method: PaymentMethod | None) -> Text | None:
    """What may be shown of a way to pay: its brand and last four digits, and when it expires (A-02)."""
    if method is None:
        return None
    expires = (
        f"Expires {method.exp_month:02d}/{method.exp_year}" if method.exp_year and method.exp_month else ""
    )
    return Text(f"{method.brand} ending in {method.last4}", expires)


def amounts(by_currency: dict[str, int], currency: str) -> tuple[Value, ...]:
    """Amounts by currency, each as money; nothing at all is zero in the organization's currency."""
    found = {code: amount for code, amount in by_currency.items() if amount} or {currency: 0}
    return tuple(Money(amount, code) for code, amount in sorted(found.items()))
