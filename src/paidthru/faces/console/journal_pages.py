"""Journals as tables: each a heading, with its entries below."""

from collections.abc import Iterable

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import batch_url, subject_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Column, EmptyState, Link, Row, Table
from paidthru.kernel.money import Money
from paidthru.ledger.models import Account, Entry, Journal

ENTRY_COLUMNS = (
    Column("account", "Account"),
    Column("debit", "Debit", "money"),
    Column("credit", "Credit", "money"),
)


def account_name(account: Account) -> str:
    """An account's number and name."""
    return f"{account.number} {account.code}"


def journal_rows(visit: Visit, journals: Iterable[Journal], *, batches: bool = True) -> tuple[Row, ...]:
    """A heading for each journal (date, what it books, its batch) and a row for each entry."""
    rows = []
    for journal in journals:
        title = f"{day_text(journal.effective_on, visit.organization.locale)} · {journal.text}"
        if batches:
            title += f" · Batch {journal.batch.number}"
        href = subject_url(visit, journal.source_kind, journal.source_id) or batch_url(
            visit, journal.batch_id
        )
        rows.append(Row(heading=Link(title, href)))
        rows += [Row(_cells(entry, journal.currency)) for entry in journal.entries.all()]
    return tuple(rows)


def _cells(entry: Entry, currency: str) -> tuple[str, Money | None, Money | None]:
    amount = entry.amount_minor
    return (
        account_name(entry.account),
        Money(amount, currency) if amount > 0 else None,
        Money(-amount, currency) if amount < 0 else None,
    )


def journal_section(visit: Visit, journals: Iterable[Journal]) -> Section:
    """How something is booked."""
    rows = journal_rows(visit, journals)
    return Section(
        "books",
        "In the books",
        Table(
            ENTRY_COLUMNS,
            rows,
            "Journals",
            empty=EmptyState("Nothing is booked:", "it moves no money and owes none."),
        ),
    )
