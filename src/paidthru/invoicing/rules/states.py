"""The states of a document. Overdue is not one of them: it is a matter of the date (A-17, A-18)."""

from datetime import date

from paidthru.kernel.states import Machine

ATTEMPT_FAILED = "attempt failed"
CARRIED_OVER = "carried over"
#: Why an invoice is closed although what it asked for is owed: another document asks for it, or will.
CLOSED_BECAUSE = {
    ATTEMPT_FAILED: "The payment failed; each try has an invoice of its own.",
    CARRIED_OVER: "What was open of it is on the next bill.",
}

DOCUMENT = Machine(
    "invoice",
    "draft",
    {
        ("draft", "send"): "sent",
        ("draft", "void"): "void",
        ("sent", "pay"): "paid",  # the balance has come to zero by money or credit
        ("sent", "close"): "closed",  # credited in full, or replaced by another document
        ("sent", "void"): "void",
        ("sent", "write_off"): "uncollectible",
        ("paid", "reopen"): "sent",  # a payment was returned or reversed
        ("uncollectible", "pay"): "paid",
        ("uncollectible", "reopen"): "sent",
    },
)


def shown_state(state: str, due_on: date, balance_minor: int, on: date) -> str:
    """The state as it is shown on the local date `on`: a sent invoice with a balance is `overdue` from the
    day after its due date (A-18)."""
    if state == "sent" and balance_minor > 0 and on > due_on:
        return "overdue"
    return state
