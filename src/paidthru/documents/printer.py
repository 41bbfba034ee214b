"""The port to whoever draws documents."""

from typing import Protocol

from paidthru.documents.rules.electronic import ElectronicInvoice
from paidthru.documents.rules.sheets import Sheet


class Printer(Protocol):
    """Draws documents. The same sheet gives the same file."""

    def pdf(self, sheet: Sheet, *, electronic: ElectronicInvoice | None = None) -> bytes:
        """A sheet as PDF/A-3b; with the invoice as data inside it where that is given (Factur-X). Refused
        `document_undrawable` where it can't be drawn, as with a logo that only looks like a picture."""
        ...
