"""Where documents get their facts: questions to the rooms below, each answered with a sheet ready to be drawn."""

from paidthru.documents.queries.batches import batch_document
from paidthru.documents.queries.invoices import (
    Document,
    credit_note_document,
    invoice_document,
    notice_document,
)
from paidthru.documents.queries.issuer import issuer_with, present_issuer
from paidthru.documents.queries.receipts import receipt_document
from paidthru.documents.queries.statements import statement_document
from paidthru.documents.queries.tax_receipts import given_year_document, tax_receipt_document

__all__ = [
    "Document",
    "batch_document",
    "credit_note_document",
    "given_year_document",
    "invoice_document",
    "issuer_with",
    "notice_document",
    "present_issuer",
    "receipt_document",
    "statement_document",
    "tax_receipt_document",
]
