"""Review a run: somebody has read its invoices, so they may be submitted (I-20, I-21)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun
from paidthru.timeline.operations import Actor, Happening, record


def review_run(run_id: UUID, *, actor: Actor, now: datetime) -> BillingRun:
    """Marks a finished run and its batch as reviewed; a second time changes nothing. Refused `run_unfinished`."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.reviewed_at is not None:
            return run
        if run.state != "done":
            raise Refused(
                "run_unfinished",
                f"Run “{run.name}” isn't finished.",
                field="run",
                value=run.name,
                fix="Wait until all its invoices are written, then review them.",
            )
        BillingRun.objects.filter(id=run.id).update(reviewed_by=actor.name, reviewed_at=now)
        Batch.objects.filter(id__in=[run.batch_id], state="open").update(
            state="reviewed", reviewed_by=actor.name, reviewed_at=now
        )
        record(
            run.organization_id,
            actor,
            now,
            [Happening("run_reviewed", "run", run.id, facts={"name": run.name})],
        )
        run.refresh_from_db()
        return run


@dataclass(frozen=True, slots=True)
class InvoiceInReview:
    """An invoice of a run as somebody reviews it: the document and how it will be paid (minor units)."""

    invoice_id: UUID
    number: int
    label: str
    party_id: UUID
    name: str
    due_on: date
    total_minor: int
    currency: str
    state: str
    autopay: bool
    method: str
    expires: str
    exceptions: tuple[str, ...]


EXCEPTIONS = {
    "no_method": "m.autopay AND pm.id IS NULL",
    "expired": "(pm.exp_year, pm.exp_month) < (%(year)s, %(month)s)",
    "zero_amount": "i.total_minor = 0",
}
"""What a reviewer should look at (I-21), and the condition that finds it."""
_REVIEW = """FROM invoicing_invoice i JOIN people_party p ON p.id = i.party_id
    LEFT JOIN payments_paymentmethod pm ON pm.party_id = i.party_id AND pm.state = 'active'
    LEFT JOIN membership_membership o ON o.party_id = i.party_id AND o.payer_id IS NULL AND o.state <> 'ended'
    LEFT JOIN (SELECT DISTINCT ON (l.invoice_id) l.invoice_id, g.autopay, w.name FROM membership_membership g
               JOIN people_party w ON w.id = g.party_id
               JOIN invoicing_receivable r ON r.source_id = g.id AND r.party_id = g.payer_id
               JOIN invoicing_line l ON l.receivable_id = r.id
               WHERE g.organization_id = %(organization)s AND g.payer_id IS NOT NULL AND g.state <> 'ended') given
         ON given.invoice_id = i.id
    CROSS JOIN LATERAL (SELECT coalesce(given.autopay, o.autopay, false) AS autopay) m
    WHERE i.organization_id = %(organization)s AND i.run_id = %(run)s"""


def invoices_in_review(
    run: BillingRun, *, on: date, name: str = "", exception: str = "", after: int = 0, limit: int = 50
) -> list[InvoiceInReview]:
    """A run's invoices after a number, in their order: all, or those with one of EXCEPTIONS, or with `any`."""
    conditions = "".join(
        f" AND ({condition})"
        for key, condition in (
            *EXCEPTIONS.items(),
            ("any", " OR ".join(f"({each})" for each in EXCEPTIONS.values())),
        )
        if key == exception
    )
    flags = ", ".join(f"coalesce({condition}, false)" for condition in EXCEPTIONS.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT i.id, i.number, i.label, i.party_id, p.name, i.due_on, i.total_minor, i.currency, i.state,
                    m.autopay,
                    coalesce(pm.brand || ' ' || pm.last4, ''),
                    coalesce(pm.exp_year || '-' || lpad(pm.exp_month::text, 2, '0'), ''), {flags}
                {_REVIEW} AND i.number > %(after)s{conditions}
                  AND (%(name)s = '' OR position(lower(%(name)s) in lower(p.name)) > 0)
                ORDER BY i.number LIMIT %(limit)s""",
            {
                "organization": run.organization_id,
                "run": run.id,
                "after": after,
                "name": name,
                "limit": limit,
                "year": on.year,
                "month": on.month,
            },
        )
        rows = cursor.fetchall()
        return [
            InvoiceInReview(
                id_,
                number,
                label,
                party_id,
                name,
                due_on,
                total_minor,
                currency,
                state,
                autopay,
                method,
                expires,
                tuple(key for key, found in zip(EXCEPTIONS, flags, strict=True) if found),
            )
            for (
                id_, number, label, party_id, name, due_on, total_minor, currency, state, autopay, method, expires,
                *flags,
            ) in rows
        ]  # fmt: skip


def review_totals(run: BillingRun, *, on: date) -> tuple[int, dict[str, int]]:
    """A run's invoices: how many, and how many of each exception."""
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in EXCEPTIONS.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), {counts} {_REVIEW}",
            {"organization": run.organization_id, "run": run.id, "year": on.year, "month": on.month},
        )
        row = cursor.fetchone()
    return int(row[0]), {key: n for key, n in zip(EXCEPTIONS, row[1:], strict=True) if n}
