"""Money that was taken back, as cases with a next step for staff (I-70): returns, disputes, reversals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.payments.models import Dispute
from paidthru.payments.rules.disputes import next_step, words_of


@dataclass(frozen=True, slots=True)
class ReturnedPayment:
    """A payment of which money was taken back, or is disputed. Amounts are minor units of `currency`.

    `kind` is return, dispute or reversal; `state` open, won, lost, or reversed. `trace` is the processor's reference
    of it, by which a line of the bank's own return file is matched; `charge` that of the payment. `invoices` are those
    that it had paid, `owed_minor` what they still ask for. `recovery` is the invoice for what went out twice.
    """

    payment_id: UUID
    payment: int
    party_id: UUID
    name: str
    kind: str
    state: str
    amount_minor: int
    currency: str
    code: str
    words: str
    next_step: str
    on: date
    trace: str
    charge: str
    invoices: tuple[str, ...]
    owed_minor: int
    recovery: str | None


_CASES = """
    SELECT c.payment_id, p.number, p.party_id, y.name, c.kind, c.state, c.amount_minor, p.currency, c.code, c.why,
           c.on_date, c.trace, coalesce(p.gateway_ref, ''),
           ARRAY(SELECT i.label FROM payments_allocation a JOIN invoicing_invoice i ON i.id = a.invoice_id
                 WHERE a.payment_id = p.id AND i.number IS NOT NULL
                 GROUP BY i.number, i.label ORDER BY i.number),
           coalesce((SELECT sum(r.balance_minor) FROM invoicing_receivable r
                     WHERE r.state = 'open' AND (r.source_id = c.reversal_id OR r.id IN (
                         SELECT a.receivable_id FROM payments_allocation a
                         WHERE a.payment_id = p.id AND a.reversed_minor > 0))), 0),
           (SELECT (array_agg(i.label ORDER BY i.number))[1] FROM invoicing_receivable r
            JOIN invoicing_line l ON l.receivable_id = r.id
            JOIN invoicing_invoice i ON i.id = l.invoice_id WHERE r.source_id = c.reversal_id),
           EXISTS (SELECT 1 FROM payments_paymentmethod m WHERE m.party_id = p.party_id AND m.state = 'active')
    FROM (SELECT d.payment_id, d.kind, d.state, d.amount_minor, d.code, '' AS why, d.opened_on AS on_date,
                 d.gateway_ref AS trace, v.id AS reversal_id, d.id
          FROM payments_dispute d LEFT JOIN payments_reversal v ON v.dispute_id = d.id
          WHERE d.organization_id = %(organization)s
          UNION ALL
          SELECT v.payment_id, v.kind, 'reversed', v.amount_minor, '', v.why, v.occurred_on, '', v.id, v.id
          FROM payments_reversal v
          WHERE v.organization_id = %(organization)s AND v.kind = 'reversal' AND v.dispute_id IS NULL) c
    JOIN payments_payment p ON p.id = c.payment_id JOIN people_party y ON y.id = p.party_id
    WHERE (%(states)s::text[] IS NULL OR c.state = ANY(%(states)s))
      AND (%(kinds)s::text[] IS NULL OR c.kind = ANY(%(kinds)s))
      AND (%(payment)s::uuid IS NULL OR p.id = %(payment)s)
      AND (%(trace)s = '' OR %(trace)s IN (c.trace, p.gateway_ref))
      AND strpos(lower(y.name), lower(%(name)s)) > 0
    ORDER BY c.on_date DESC, c.id DESC LIMIT %(limit)s OFFSET %(offset)s"""


def returned_payments(
    organization_id: UUID,
    *,
    states: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    payment_id: UUID | None = None,
    trace: str = "",
    name: str = "",
    limit: int = 200,
    offset: int = 0,
) -> list[ReturnedPayment]:
    """The cases of an organization, newest first: in some `states` (open, won, lost, reversed), of some
    `kinds` (return, dispute, reversal), of one payment, by the processor's reference or a part of the member's name."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES,
            {
                "organization": organization_id,
                "states": list(states) if states is not None else None,
                "kinds": list(kinds) if kinds is not None else None,
                "payment": payment_id,
                "trace": trace,
                "name": name,
                "limit": limit,
                "offset": offset,
            },
        )
        rows = cursor.fetchall()
    found = []
    for row in rows:
        kind, state, code, why, owed, recovery = row[4], row[5], row[8], row[9], int(row[14]), row[15]
        found.append(
            ReturnedPayment(
                payment_id=row[0],
                payment=row[1],
                party_id=row[2],
                name=row[3],
                kind=kind,
                state=state,
                amount_minor=row[6],
                currency=row[7],
                code=code,
                words=why or (words_of(code) if kind != "reversal" else "Reversed by staff."),
                next_step=next_step(kind, state, code, owed=owed > 0, has_method=row[16]),
                on=row[10],
                trace=row[11],
                charge=row[12],
                invoices=tuple(row[13]),
                owed_minor=owed,
                recovery=recovery,
            )
        )
    return found


def count_open_disputes(organization_id: UUID) -> int:
    """How many disputes wait for their decision."""
    return Dispute.objects.filter(organization_id=organization_id, state="open").count()
