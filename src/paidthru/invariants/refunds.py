"""Money given back: never more than came, each part once, and in the books as its state says."""

from collections.abc import Iterable

from paidthru.invariants.invariant import Invariant
from paidthru.ledger.rules.refunds import PAID_FROM, REFUNDS_PAYABLE
from paidthru.payments.rules.refunds import ACCEPTED, GIVEN, HELD


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


REFUNDS_HELD = Invariant(
    "refunds_held",
    "What a payment holds as given back is the sum of its refunds that were not turned down and did not fail, or all of"
    " it.",
    f"""SELECT 'payment ' || p.number, format('%%s held of %%s, its refunds sum to %%s %%s', p.refunded_minor,
            p.amount_minor, coalesce(r.held, 0), p.currency)
        FROM payments_payment p
        LEFT JOIN (SELECT payment_id, sum(amount_minor) AS held FROM payments_refund
                   WHERE organization_id = %(organization)s AND state IN ({_list(HELD)}) GROUP BY 1) r
          ON r.payment_id = p.id
        WHERE p.organization_id = %(organization)s
          AND p.refunded_minor <> least(coalesce(r.held, 0), p.amount_minor)""",
)

#: A part without an allocation is of the payment's credit.
REFUND_PARTS = Invariant(
    "refund_parts",
    "What an allocation was refunded is the sum of the parts of refunds that stand, and no refund has parts of more"
    " than its amount.",
    f"""SELECT 'allocation ' || a.id, format('%%s of %%s refunded, its parts sum to %%s', a.refunded_minor,
            a.amount_minor, coalesce(s.given, 0))
        FROM payments_allocation a
        LEFT JOIN (SELECT t.allocation_id, sum(t.amount_minor) AS given
                   FROM payments_refund r JOIN payments_refundpart t ON t.refund_id = r.id
                   WHERE r.organization_id = %(organization)s AND r.state IN ({_list(GIVEN)}) GROUP BY 1) s
          ON s.allocation_id = a.id
        WHERE a.organization_id = %(organization)s AND a.refunded_minor <> coalesce(s.given, 0)
        UNION ALL
        SELECT 'refund ' || r.number, format('%%s, its parts sum to %%s %%s', r.amount_minor, sum(t.amount_minor),
            r.currency)
        FROM payments_refund r JOIN payments_refundpart t ON t.refund_id = r.id
        WHERE r.organization_id = %(organization)s AND r.state IN ({_list(GIVEN)})
        GROUP BY r.id HAVING sum(t.amount_minor) > r.amount_minor""",
)

#: Where money leaves from, and that it is owed to the member from the approval until then.
REFUNDS_BOOKED = Invariant(
    "refunds_booked",
    "Every refund that stands is owed to the member until its money has left, and then has left where it was given"
    " from, once; one that was turned down or failed has moved nothing in the end.",
    f"""SELECT 'refund ' || r.number, format('%%s %%s %%s by %%s: owed %%s, left %%s', r.state, r.amount_minor,
            r.currency, r.via, coalesce(b.owed, 0), coalesce(b.gone, 0))
        FROM payments_refund r
        LEFT JOIN (
            SELECT j.source_id, -sum(e.amount_minor) FILTER (WHERE a.code = '{REFUNDS_PAYABLE}') AS owed,
                   -sum(e.amount_minor) FILTER (WHERE a.code IN ({_list(set(PAID_FROM.values()))})) AS gone
            FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
            JOIN ledger_account a ON a.id = e.account_id
            WHERE j.organization_id = %(organization)s AND j.source_kind = 'refund' GROUP BY 1) b ON b.source_id = r.id
        WHERE r.organization_id = %(organization)s
          AND (coalesce(b.owed, 0) <> CASE WHEN r.state IN ({_list(GIVEN - ACCEPTED)}) THEN r.amount_minor ELSE 0 END
            OR coalesce(b.gone, 0) <> CASE WHEN r.state IN ({_list(ACCEPTED)}) THEN r.amount_minor ELSE 0 END)""",
)

# Another company's books, so they are read and not imported. Where a refund is still open the answer hasn't come.
SANDBOX_REFUNDS = Invariant(
    "sandbox_refunds",
    "Every refund that we asked the sandbox processor for is there once and of the same amount, and the reverse; one"
    " that still waits for its answer excepted.",
    f"""SELECT coalesce('refund ' || r.number, 'the processor''s refund ' || s.ref),
            CASE WHEN s.ref IS NULL THEN format('%%s, but the processor has none', r.state)
                 WHEN r.id IS NULL THEN format('%%s %%s given back for us, and it is none of ours', s.amount_minor,
                                               s.currency)
                 ELSE format('%%s %%s, and at the processor %%s %%s', r.state, r.amount_minor, s.status, s.amount_minor)
                 END
        FROM (SELECT id, number, gateway_ref, amount_minor, state FROM payments_refund
              WHERE organization_id = %(organization)s AND via = 'gateway' AND state IN ({_list(ACCEPTED)})
                AND payment_id IN (SELECT id FROM payments_payment
                                   WHERE organization_id = %(organization)s AND gateway = 'sandbox')) r
        FULL JOIN (SELECT ref, amount_minor, currency, status, metadata FROM sandbox_sandboxrefund
                   WHERE organization_id = %(organization)s AND status IN ('pending', 'succeeded')) s
          ON s.ref = r.gateway_ref
        WHERE r.amount_minor IS DISTINCT FROM s.amount_minor
          AND NOT (r.id IS NULL AND (s.metadata->>'refund' IS NULL OR EXISTS (
                SELECT 1 FROM payments_refund o WHERE o.id::text = s.metadata->>'refund'
                  AND o.state IN ({_list(GIVEN - ACCEPTED)}))))
          AND NOT (s.ref IS NULL AND EXISTS (
                SELECT 1 FROM sandbox_sandboxrefund f WHERE f.ref = r.gateway_ref AND f.status = 'failed'))""",
    needs="sandbox_sandboxrefund",
)

INVARIANTS = (REFUNDS_HELD, REFUND_PARTS, REFUNDS_BOOKED, SANDBOX_REFUNDS)
