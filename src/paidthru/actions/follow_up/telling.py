"""The mails of the ladder: what is owed, why it could not be collected, and the way to put that right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from django.db import connection

from paidthru.kernel.clock import local_instant
from paidthru.kernel.money import plain
from paidthru.payments.rules.decline_codes import words

_FACTS = """
    SELECT c.id, CASE WHEN m.id IS NULL THEN 'unit' ELSE 'membership' END,
           coalesce(c.ladder->>'texts_at', to_json(c.opened_at) #>> '{}'), r.currency, r.due_on,
           coalesce(pl.name || CASE WHEN m.party_id <> c.party_id THEN ' (' || member.name || ')' ELSE '' END,
                    (SELECT l.description FROM invoicing_line l
                              WHERE l.receivable_id = r.id ORDER BY l.id LIMIT 1)),
           coalesce(m.autopay AND coalesce(m.payer_id, m.party_id) = c.party_id, h.autopay, false),
           (SELECT coalesce(sum(o.balance_minor), 0)::bigint FROM invoicing_receivable o
            WHERE o.source_id = r.source_id AND o.period_start = r.period_start AND o.state = 'open'
              AND NOT o.voluntary AND (m.id IS NOT NULL OR o.id = r.id)),
           (SELECT i.label FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
            WHERE l.receivable_id = r.id ORDER BY i.number DESC LIMIT 1),
           pm.kind, pm.brand, pm.last4, pm.exp_year, pm.exp_month,
           (SELECT a.decline_code FROM invoicing_line l JOIN payments_intentinvoice h ON h.invoice_id = l.invoice_id
            JOIN payments_attempt a ON a.intent_id = h.intent_id AND a.state = 'declined' AND a.method_id = pm.id
            WHERE l.receivable_id = r.id ORDER BY a.id DESC LIMIT 1),
           coalesce(m.party_id, c.party_id)
    FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
    LEFT JOIN membership_membership m ON m.id = c.membership_id LEFT JOIN membership_plan pl ON pl.id = m.plan_id
    LEFT JOIN people_party member ON member.id = m.party_id
    LEFT JOIN people_holding h ON h.unit_id = c.membership_id AND h.party_id = c.party_id AND h.role = 'owner'
         AND h.until_on IS NULL
    LEFT JOIN payments_paymentmethod pm ON pm.party_id = c.party_id AND pm.state = 'active'
    WHERE c.id = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a case's mails: `owed_minor` is what is owed now, in minor units; `facts` the tokens. `subject` is
    whose case it is: a membership's, or a unit's. `member_id` is the member, where somebody else pays too (C-25)."""

    owed_minor: int
    facts: dict[str, str]
    subject: str
    member_id: UUID


def fillings(case_ids: Sequence[UUID], *, today: date) -> dict[UUID, Filling]:
    """The facts of the mails of cases, as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [list(case_ids)])
        rows = cursor.fetchall()
    found = {}
    for (
        id_,
        subject,
        texts_at,
        currency,
        due_on,
        plan,
        autopay,
        owed,
        number,
        kind,
        brand,
        last4,
        year,
        month,
        code,
        member_id,
    ) in rows:
        facts = {
            "case": str(id_),
            "texts_at": texts_at,  # a case keeps the words that it opened with
            "amount": plain(owed, currency),
            "currency": currency,
            "plan": plan,
            "due": due_on.isoformat(),
            "invoices": str(number or ""),
            "said_as": "unpaid",
            "ask_as": _ask(autopay, kind, (year, month), code or "", today),
            "shown": f"{brand or ''} {last4 or ''}".strip(),
            "tried": words(code) if code else "",
        }
        found[id_] = Filling(owed, facts, subject, member_id)
    return found


def _ask(autopay: bool, kind: str | None, expires: tuple[int | None, int | None], code: str, on: date) -> str:
    """The sentence that says what would let it be collected, by its key; "" where nothing stands in the way (C-14,
    I-28)."""
    if kind is None:
        return "ask_no_method" if autopay else ""
    year, month = expires
    if year is not None and month is not None and (year, month) < (on.year, on.month):
        return "ask_expired"
    return "ask_failed" if code else ""


def said_of_end(mail: str) -> str:
    """What a member is told when unpaid dues end a membership, by the sentence's key."""
    return "unpaid_downgraded" if mail == "downgraded" else "unpaid_owed"


def told_on(party_ids: Sequence[UUID], *, today: date, zone: str) -> frozenset[UUID]:
    """The parties to whom a mail about a failed payment was written today."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT party_id FROM timeline_message
               WHERE party_id = ANY(%s) AND kind = 'payment_failed' AND written_at >= %s""",
            [list(party_ids), local_instant(today, time.min, zone)],
        )
        return frozenset(row[0] for row in cursor.fetchall())
