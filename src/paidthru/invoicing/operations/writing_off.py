"""What is owed is written off, whole or in part; and what comes all the same is owed again as it comes (D.4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Receivable, named
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import JournalDraft, cancel_deferred, restore_deferred, write_journals
from paidthru.ledger.rules.credits import CreditedLine, credited
from paidthru.ledger.rules.postings import Basis, reverse
from paidthru.timeline.operations import Happening

BAD_DEBT = "Bad debt"


@dataclass(frozen=True, slots=True)
class _Document:
    """The invoice under which a receivable stands in the books: the live one, else the last that asked for it."""

    id: UUID
    label: str
    named: int | str
    party_id: UUID
    currency: str


def write_off_receivables(
    organization_id: UUID,
    receivable_ids: Iterable[UUID],
    *,
    batch: Callable[[], UUID],
    on: date,
    why: str,
    now: datetime,
    amounts: Mapping[UUID, int] | None = None,
) -> list[Happening]:
    """Writes off what is open of receivables (or `amounts` of it, in minor units), any number at once; returns what is
    to be recorded, one `written_off` an invoice. What isn't open is left alone.

    Accrual: what was earned is Bad debt, what wasn't leaves Deferred and is recognized no more; cash takes the memo
    pair back. The receivable is `written_off` once nothing of it is open, its live invoice `uncollectible` once nothing
    on it is; one that a failed payment closed stays closed, and no other follows. A voluntary line goes with the rest
    of its invoice. The journals stand on the local date `on`, in the `batch` that is opened only if there is something
    to book.
    """
    wanted = set(receivable_ids) if amounts is None else {id_ for id_ in receivable_ids if amounts.get(id_)}
    open_, documents = _locked(organization_id, wanted, whole=amounts is None)
    if not open_:
        return []
    parts = {one: one.balance_minor if amounts is None else amounts[one.id] for one in open_}
    unearned = cancel_deferred({one.id: part for one, part in parts.items() if one.deferred})
    batch_id = batch()
    told, drafts = list[Happening](), dict[str, list[JournalDraft]]()
    for document in {documents[one.id] for one in open_}:
        mine = [one for one in open_ if documents[one.id] == document]
        lines = [_line(one, document.id, parts[one], unearned.get(one.id, 0)) for one in mine]
        total, deferred = sum(parts[one] for one in mine), sum(unearned.get(one.id, 0) for one in mine)
        drafts.setdefault(document.currency, []).append(
            JournalDraft(
                "invoice", document.id, f"written off {new_id()}", on,
                f"Invoice {document.label} written off", credited(lines),
            )
        )  # fmt: skip
        told.append(
            Happening(
                "written_off",
                "invoice",
                document.id,
                document.party_id,
                why,
                {
                    "invoice": document.named,
                    "amount": plain(total, document.currency),
                    "currency": document.currency,
                    "unearned": plain(deferred, document.currency),
                },
            )
        )
    for currency, journals in drafts.items():
        write_journals(organization_id, batch_id, currency, journals, now=now)
    _lower({one.id: part for one, part in parts.items()})
    return sorted(told, key=lambda one: one.subject_id)


def _locked(
    organization_id: UUID, wanted: Iterable[UUID], *, whole: bool
) -> tuple[list[Receivable], dict[UUID, _Document]]:
    """What is open of the receivables wanted, and with `whole` the voluntary lines beside them, with the document of
    each; all locked: invoices first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.id FROM invoicing_invoice i
               WHERE i.organization_id = %s AND i.id IN (
                   SELECT l.invoice_id FROM invoicing_line l WHERE l.receivable_id = ANY(%s))
               ORDER BY i.id FOR UPDATE""",
            [organization_id, list(wanted)],
        )
        invoices = [id_ for (id_,) in cursor.fetchall()]
        cursor.execute(
            """SELECT DISTINCT ON (l.receivable_id) l.receivable_id, i.id, i.number, i.label, i.party_id, i.currency
               FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id AND i.number IS NOT NULL
               JOIN invoicing_receivable r ON r.id = l.receivable_id AND r.state = 'open'
               WHERE i.id = ANY(%(invoices)s)
                 AND (r.id = ANY(%(wanted)s)
                      OR (%(whole)s AND r.voluntary AND (i.state = 'sent' OR i.awaits_reissue) AND NOT EXISTS (
                          SELECT 1 FROM invoicing_line o JOIN invoicing_receivable s ON s.id = o.receivable_id
                          WHERE o.invoice_id = i.id AND s.state = 'open' AND NOT s.voluntary
                            AND s.id <> ALL(%(wanted)s))))
               ORDER BY l.receivable_id, i.state <> 'sent', NOT i.awaits_reissue, i.number DESC""",
            {"invoices": invoices, "wanted": list(wanted), "whole": whole},
        )
        documents = {
            row[0]: _Document(row[1], row[3], named(row[2], row[3]) or row[3], *row[4:])
            for row in cursor.fetchall()
        }
    found = Receivable.objects.select_for_update().filter(id__in=documents, state="open", balance_minor__gt=0)
    return list(found.order_by("id")), documents


def _line(one: Receivable, invoice_id: UUID, part_minor: int, unearned_minor: int) -> CreditedLine:
    return CreditedLine(
        one.party_id, invoice_id, one.id, cast("Basis", one.basis), part_minor, BAD_DEBT, one.voluntary, unearned_minor
    )  # fmt: skip


def _lower(parts: Mapping[UUID, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor - p.amount,
                   written_off_minor = r.written_off_minor + p.amount,
                   state = CASE WHEN r.balance_minor = p.amount THEN 'written_off' ELSE r.state END
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [list(parts), list(parts.values())],
        )
        cursor.execute(
            """UPDATE invoicing_invoice i SET balance_minor = CASE WHEN i.state = 'sent' THEN s.balance ELSE 0 END,
                   state = CASE WHEN i.state = 'sent' AND s.balance = 0 THEN 'uncollectible' ELSE i.state END,
                   awaits_reissue = i.awaits_reissue AND s.balance > 0
               FROM (SELECT l.invoice_id, sum(r.balance_minor) AS balance FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id
                     WHERE l.invoice_id IN (SELECT o.invoice_id FROM invoicing_line o WHERE o.receivable_id = ANY(%s))
                     GROUP BY 1) s
               WHERE i.id = s.invoice_id AND (i.state = 'sent' OR i.awaits_reissue)""",
            [list(parts)],
        )


def written_off_on(invoice_ids: Sequence[UUID]) -> dict[UUID, list[Receivable]]:
    """What was written off of what these invoices ask for, locked, by invoice."""
    found: dict[UUID, list[Receivable]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.invoice_id, r.id FROM invoicing_line l
               JOIN invoicing_receivable r ON r.id = l.receivable_id AND r.written_off_minor > 0
               WHERE l.invoice_id = ANY(%s)""",
            [list(invoice_ids)],
        )
        pairs = cursor.fetchall()
    held = Receivable.objects.select_for_update().filter(
        id__in={id_ for _, id_ in pairs}, written_off_minor__gt=0
    )
    by_id = {one.id: one for one in held.order_by("id")}
    for invoice_id, id_ in pairs:
        if id_ in by_id:
            found.setdefault(invoice_id, []).append(by_id[id_])
    return found


def owe_again(
    organization_id: UUID,
    parts: Mapping[Receivable, int],
    invoice_id: UUID,
    currency: str,
    *,
    batch_id: UUID,
    text: str,
    on: date,
    now: datetime,
) -> None:
    """Lets parts (minor units) of locked receivables that were written off be owed again, on the invoice that is live
    for them or will be: for money that came, which then pays them. Dr Receivable, and back to where the write-off took
    it from: Cr Bad debt for what had been earned, first, then Cr Deferred for what had not, to be recognized over what
    is left of the term, or Cr income where that is over. On cash the memo pair.
    """
    bad_debt = _bad_debt_of([one.id for one in parts if one.basis != "cash"])
    unearned = {
        one.id: part - bad_debt.get(one.id, 0)
        for one, part in parts.items()
        if one.deferred and one.basis != "cash" and part > bad_debt.get(one.id, 0)
    }
    deferred = restore_deferred(unearned)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor + p.amount,
                   written_off_minor = r.written_off_minor - p.amount, state = 'open'
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [[one.id for one in parts], list(parts.values())],
        )
        cursor.execute(
            """UPDATE invoicing_invoice i SET state = 'sent', balance_minor = s.balance
               FROM (SELECT sum(r.balance_minor) AS balance FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id WHERE l.invoice_id = %(invoice)s) s
               WHERE i.id = %(invoice)s AND i.state IN ('uncollectible', 'paid', 'sent')""",
            {"invoice": invoice_id},
        )
    lines = []
    for one, part in parts.items():
        again, income = deferred.get(one.id, (0, ""))
        late = unearned[one.id] if one.id in deferred else 0
        lines.append(_line(one, invoice_id, part - late, 0))
        lines.append(replace(_line(one, invoice_id, late, again), account=income))
    draft = JournalDraft("invoice", invoice_id, f"recovered {new_id()}", on, text, reverse(credited(lines)))
    write_journals(organization_id, batch_id, currency, [draft], now=now)


def _bad_debt_of(receivable_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What stands on Bad debt for each receivable: written off, and not recovered since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.receivable_id, sum(e.amount_minor)::bigint
               FROM (SELECT DISTINCT l.invoice_id, l.receivable_id FROM invoicing_line l
                     WHERE l.receivable_id = ANY(%s)) asked
               JOIN ledger_entry e ON e.invoice_id = asked.invoice_id AND e.receivable_id = asked.receivable_id
               JOIN ledger_account a ON a.id = e.account_id AND a.code = %s
               GROUP BY 1""",
            [list(receivable_ids), BAD_DEBT],
        )
        return dict(cursor.fetchall())
