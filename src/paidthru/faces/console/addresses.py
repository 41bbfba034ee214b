"""Where the records are: one place for the addresses that pages of different rooms link to."""

from uuid import UUID

from paidthru.faces.console.access import Visit


def member_url(visit: Visit, party_id: UUID) -> str:
    """A member's record."""
    return visit.url(f"members/{party_id}/")


def invoice_url(visit: Visit, invoice_id: UUID) -> str:
    """An invoice."""
    return visit.url(f"invoices/{invoice_id}/")


def payment_url(visit: Visit, payment_id: UUID) -> str:
    """A payment."""
    return visit.url(f"payments/{payment_id}/")


def batch_url(visit: Visit, batch_id: UUID) -> str:
    """A batch's report."""
    return visit.url(f"batches/{batch_id}/")


def run_url(visit: Visit, run_id: UUID, act: str = "") -> str:
    """A billing run, wherever it stands: preview, progress or result; or an act on it."""
    return visit.url(f"renewals/runs/{run_id}/{act}")


def subject_url(visit: Visit, kind: str, id_: UUID) -> str:
    """The record of what an event happened to, "" where there is none."""
    known = {
        "invoice": invoice_url,
        "payment": payment_url,
        "batch": batch_url,
        "run": run_url,
        "refund": refund_url,
        "attempt": attempt_url,
        "gift": gift_url,
    }
    return known[kind](visit, id_) if kind in known else ""


def gift_url(visit: Visit, gift_id: UUID) -> str:
    """A gift that comes again and again."""
    return visit.url(f"gifts/{gift_id}/")


def attempt_url(visit: Visit, attempt_id: UUID) -> str:
    """What the gateway knows of an attempt at collecting."""
    return visit.url(f"renewals/attempts/{attempt_id}/")


def refund_url(visit: Visit, refund_id: UUID) -> str:
    """A refund."""
    return visit.url(f"refunds/{refund_id}/")
