"""The report of a batch: the totals that the screen shows, and its journals (I-16)."""

from datetime import datetime

from paidthru.documents.queries.invoices import Document
from paidthru.documents.queries.issuer import present_issuer
from paidthru.documents.rules.accounts import batch_sheet
from paidthru.documents.rules.facts import BatchFacts, CurrencyFacts, JournalFacts, SidesFacts
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import Balance, accounts_in_batches, batch_totals, journals
from paidthru.organizations.models import Organization

MOST_JOURNALS = 2_000  # on paper; the totals are of all, and the CSV has the rest


def batch_document(organization: Organization, batch: Batch, *, kind: str, now: datetime) -> Document:
    """A batch's report as of an instant; `kind` is what the reader calls its kind."""
    issuer = present_issuer(organization)
    balances = accounts_in_batches([batch.id]).get(batch.id, [])
    shown = journals(organization.id, batch_id=batch.id).order_by("id")[:MOST_JOURNALS]
    facts = BatchFacts(
        number=batch.number,
        name=batch.name,
        kind=kind,
        dated_on=batch.dated_on,
        state=batch.state,
        opened_at=batch.opened_at,
        reviewed=(batch.reviewed_at, batch.reviewed_by) if batch.reviewed_at else None,
        posted=(batch.posted_at, batch.posted_by) if batch.posted_at else None,
        sums=tuple(
            CurrencyFacts(
                one.currency,
                one.journals,
                one.debit_minor - one.memo_minor,
                one.credit_minor - one.memo_minor,
                one.memo_minor,
                _sides(balances, one.currency, memo=False),
                _sides(balances, one.currency, memo=True),
            )
            for one in batch_totals(batch.id)
        ),
        journals=tuple(
            JournalFacts(
                journal.effective_on,
                journal.text,
                journal.currency,
                tuple(
                    (f"{entry.account.number} {entry.account.code}", entry.amount_minor)
                    for entry in journal.entries.all()
                ),
            )
            for journal in shown
        ),
        made_at=now,
    )
    return Document(f"batch-{batch.number}.pdf", batch_sheet(facts, issuer))


def _sides(balances: list[Balance], currency: str, *, memo: bool) -> tuple[SidesFacts, ...]:
    return tuple(
        SidesFacts(f"{one.number} {one.code}", one.debit_minor, one.credit_minor)
        for one in balances
        if one.currency == currency and (one.kind == "memo") == memo
    )
