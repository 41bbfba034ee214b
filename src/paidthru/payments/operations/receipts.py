"""Receipts are issued with their payments: whom they are for, and what the money was used for when it came."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from paidthru.invoicing.operations.freezing import FACTS, JOINED


def keep_receipts(payers: Mapping[UUID, UUID]) -> None:
    """Keeps with payments that were just written, by their ids, who paid (whose the receipt is, C-25) and whom; and the
    invoices they paid, each with the texts of its lines and the part in minor units. What credit pays later stands on
    statements, not on the receipt."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, brand_id, facts)
                SELECT d.id, d.organization_id, 'receipt', d.party_id, b.id,
                       {FACTS} || jsonb_build_object('parts', coalesce(u.parts, '[]'::jsonb))
                FROM (SELECT m.id, m.organization_id, asked.payer AS party_id
                      FROM unnest(%s::uuid[], %s::uuid[]) asked (id, payer)
                           JOIN payments_payment m ON m.id = asked.id) d {JOINED}
                LEFT JOIN LATERAL (
                    SELECT jsonb_agg(jsonb_build_object('invoice', label, 'text', left(text, 300),
                                                        'amount_minor', amount) ORDER BY number) AS parts
                    FROM (SELECT i.number, i.label, sum(a.amount_minor) AS amount,
                                 string_agg(l.description, ', ' ORDER BY l.position)
                                     FILTER (WHERE l.derivation ->> 'rule' IS DISTINCT FROM 'tax') AS text
                          FROM payments_allocation a JOIN invoicing_invoice i ON i.id = a.invoice_id
                               LEFT JOIN invoicing_line l
                                      ON l.invoice_id = a.invoice_id AND l.receivable_id = a.receivable_id
                          WHERE a.payment_id = d.id GROUP BY i.number, i.label) each) u ON true
                ON CONFLICT (id) DO NOTHING""",
            [list(payers), list(payers.values())],
        )
