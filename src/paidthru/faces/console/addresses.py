"""Where the records are: one place for the addresses that pages of different rooms link to."""

from uuid import UUID

from paidthru.faces.console.access import Visit


def member_url(visit: Visit, party_id: UUID) -> str:
    """A member's record."""
    return visit.url(f"members/{party_id}/")


def invoice_url(visit: Visit, invoice_id: UUID) -> str:
    """An invoice."""
    return visit.url(f"invoices/{invoice_id}/")


def batch_url(visit: Visit, batch_id: UUID) -> str:
    """A batch's report."""
    return visit.url(f"batches/{batch_id}/")


def run_url(visit: Visit, run_id: UUID, act: str = "") -> str:
    """A billing run, wherever it stands: preview, progress or result; or an act on it."""
    return visit.url(f"renewals/runs/{run_id}/{act}")
