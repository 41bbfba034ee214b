"""The statement of a payer's account, out of the ledger: it sums to what the books say they owe."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.documents.queries.invoices import Document
from paidthru.documents.queries.issuer import present_issuer, present_payer
from paidthru.documents.rules.accounts import statement_sheet
from paidthru.documents.rules.facts import AccountFacts, MovedFacts, StatementFacts
from paidthru.invoicing.queries import open_by_age
from paidthru.invoicing.rules.aging import aged
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Party

MOST_DAYS = 5 * 366
_NUMBERS = {
    "invoice": "SELECT id, label FROM invoicing_invoice WHERE id = ANY(%s)",
    "credit note": "SELECT id, number FROM invoicing_creditnote WHERE id = ANY(%s)",
    "payment": "SELECT id, number FROM payments_payment WHERE id = ANY(%s)",
    "refund": "SELECT id, number FROM payments_refund WHERE id = ANY(%s)",
    "reversal": """SELECT r.id, p.number FROM payments_reversal r JOIN payments_payment p ON p.id = r.payment_id
                   WHERE r.id = ANY(%s)""",
}
_KINDS = {"credit note": "credit_note", "payment": "payment", "refund": "refund", "reversal": "reversal"}


@dataclass(frozen=True, slots=True)
class _Journal:
    """What a journal moves of a party: what is owed, and what is asked for and voluntary."""

    currency: str
    on: date
    kind: str
    source: UUID
    event: str
    text: str
    owed_minor: int
    voluntary_minor: int


def statement_document(
    organization: Organization, party: Party, *, start: date, through: date, today: date, now: datetime
) -> Document:
    """A party's statement for the local dates from `start` through `through`; what is open by age where it reaches to
    today. Refused `period_invalid`."""
    if not 0 <= (through - start).days <= MOST_DAYS:
        raise Refused(
            "period_invalid",
            f"A statement can't go from {start.isoformat()} to {through.isoformat()}.",
            field="from",
            value=start.isoformat(),
            fix="Let it end after it begins, and not span more than five years.",
        )
    moved = _moved(organization.id, party.id, through)
    numbers = _numbers(moved)
    texts = _texts([one.source for one in moved if one.kind == "invoice" and one.on >= start])
    ages = open_by_age(party.id, today) if through >= today else {}
    accounts = []
    for currency in sorted({one.currency for one in moved} or {organization.currency}):
        own = [one for one in moved if one.currency == currency]
        accounts.append(
            AccountFacts(
                currency,
                sum(one.owed_minor for one in own if one.on < start),
                tuple(row for one in own if one.on >= start for row in _rows(one, numbers, texts)),
                aged(ages[currency]) if currency in ages else (),
            )
        )
    facts = StatementFacts(start, through, tuple(accounts), now)
    sheet = statement_sheet(facts, present_issuer(organization), present_payer(party))
    return Document(f"statement-{party.number}-{through.isoformat()}.pdf", sheet)


def _rows(one: _Journal, numbers: dict[UUID, int | str], texts: dict[UUID, str]) -> list[MovedFacts]:
    # Nobody owes a voluntary line: what was paid for it was asked for at that moment.
    billed = one.kind in ("invoice", "credit note")
    voluntary = 0 if billed else one.voluntary_minor
    moved = one.owed_minor + voluntary
    rows = []
    if moved:
        number = numbers.get(one.source)
        kind = _kind(one) if number else "other"
        text = texts.get(one.source, "") if kind == "invoice" else "" if number else one.text
        rows.append(MovedFacts(one.on, kind, number, text, moved))
    if voluntary:
        rows.append(MovedFacts(one.on, "voluntary", None, "", -voluntary))
    return rows


def _kind(one: _Journal) -> str:
    if one.kind != "invoice":
        return _KINDS.get(one.kind, "other")
    for beginning, kind in (("written off", "write_off"), ("recovered", "recovery"), ("issued", "invoice")):
        if one.event.startswith(beginning):
            return kind
    return "void"


def _moved(organization_id: UUID, party_id: UUID, through: date) -> list[_Journal]:
    """The journals that move what a party owes or has as credit, up to and with a local date, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT j.currency, j.effective_on, j.source_kind, j.source_id, j.event, j.text,
                      coalesce(sum(e.amount_minor) FILTER (WHERE r.voluntary IS NOT TRUE), 0),
                      coalesce(sum(e.amount_minor) FILTER (WHERE r.voluntary), 0)
               FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
                    JOIN ledger_journal j ON j.id = e.journal_id
                    LEFT JOIN invoicing_receivable r ON r.id = e.receivable_id
               WHERE e.organization_id = %s AND e.party_id = %s AND a.code IN ('Receivable', 'Memo billed', 'Credit')
                 AND j.effective_on <= %s
               GROUP BY j.id ORDER BY j.effective_on, j.id""",
            [organization_id, party_id, through],
        )
        found = [
            _Journal(currency, on, kind, source, event, text, int(owed), int(voluntary))
            for currency, on, kind, source, event, text, owed, voluntary in cursor.fetchall()
        ]
    return [one for one in found if one.owed_minor or one.voluntary_minor]


def _numbers(moved: list[_Journal]) -> dict[UUID, int | str]:
    """The numbers of the documents that journals book, by their ids."""
    ids: dict[str, list[UUID]] = defaultdict(list)
    for one in moved:
        ids[one.kind].append(one.source)
    found: dict[UUID, int | str] = {}
    for kind, query in _NUMBERS.items():
        if ids.get(kind):
            found |= {id_: number for id_, number in _asked(query, ids[kind]) if number}
    return found


def _texts(invoice_ids: list[UUID]) -> dict[UUID, str]:
    """What invoices are for, in a line."""
    query = """SELECT invoice_id, left(string_agg(description, ', ' ORDER BY position), 160) FROM invoicing_line
               WHERE invoice_id = ANY(%s) AND derivation ->> 'rule' IS DISTINCT FROM 'tax' GROUP BY 1"""
    return dict(_asked(query, invoice_ids))


def _asked(query: str, ids: list[UUID]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [ids])
        return list(cursor.fetchall())
