"""Write steps of the invoicing room, inside somebody's transaction: a file for each subject."""

from paidthru.invoicing.operations.balances import lower_balances, raise_balances
from paidthru.invoicing.operations.crediting import locked_for_credit, take_back
from paidthru.invoicing.operations.issuing import Header, InvoiceDraft, Item, LineDraft, issue_invoices
from paidthru.invoicing.operations.numbering import labels_for, refuse_renumbering, take_invoice_numbers
from paidthru.invoicing.operations.reissuing import (
    awaiting_of,
    close_carried,
    close_failed,
    current_documents,
    last_documents,
    live_document_of,
    live_documents,
    reissue,
    wait_again,
)
from paidthru.invoicing.operations.writing_off import owe_again, write_off_receivables, written_off_on

__all__ = [
    "Header",
    "InvoiceDraft",
    "Item",
    "LineDraft",
    "awaiting_of",
    "close_carried",
    "close_failed",
    "current_documents",
    "issue_invoices",
    "labels_for",
    "last_documents",
    "live_document_of",
    "live_documents",
    "locked_for_credit",
    "lower_balances",
    "owe_again",
    "raise_balances",
    "refuse_renumbering",
    "reissue",
    "take_back",
    "take_invoice_numbers",
    "wait_again",
    "write_off_receivables",
    "written_off_on",
]
