"""Submit invoices for payment: the list is what will be submitted (I-39 to I-43), and what waits beside it, and why."""

from paidthru.actions.submit.listing import (
    Row,
    Selection,
    next_collection,
    planned_tries,
    submit_list,
)
from paidthru.actions.submit.selecting import (
    SubmitTotals,
    exception_page,
    failed_page,
    pending_page,
    refuse_unready,
    submit_page,
    submit_totals,
)

__all__ = [
    "Row",
    "Selection",
    "SubmitTotals",
    "exception_page",
    "failed_page",
    "next_collection",
    "pending_page",
    "planned_tries",
    "refuse_unready",
    "submit_list",
    "submit_page",
    "submit_totals",
]
