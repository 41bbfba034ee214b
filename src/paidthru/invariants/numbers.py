"""Series without gaps: every number given is used, or there is a reason (field-notes C.12, EU VAT numbering)."""

from paidthru.invariants.invariant import Invariant

# A committed run has reserved its invoices' numbers; until it is done, they may be missing.
_RESERVED = """UNION ALL
    SELECT r.first_number, r.first_number + (SELECT max(i.ordinal) FROM membership_runitem i WHERE i.run_id = r.id)
    FROM membership_billingrun r
    WHERE r.organization_id = %(organization)s AND r.state IN ('queued', 'running', 'failed')
      AND r.first_number IS NOT NULL"""


def _gapless(series: str, table: str, reserved: str = "") -> str:
    """Holes as ranges: what is taken is sorted, and each must start right after all that came before it.

    Where the counter stands is the last of them, so that numbers missing at the end are found too.
    """
    return f"""SELECT '{series} ' || h.after + 1,
            format('neither used nor accounted for, up to %%s', h.first - 1)
        FROM (SELECT first, coalesce(max(last) OVER (ORDER BY first, last
                                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS after
              FROM (SELECT number AS first, number AS last FROM {table}
                    WHERE organization_id = %(organization)s AND number IS NOT NULL
                    UNION ALL
                    SELECT first, first + count - 1 FROM organizations_seriesgap
                    WHERE organization_id = %(organization)s AND name = '{series}'
                    UNION ALL
                    SELECT next_value, next_value FROM organizations_series
                    WHERE organization_id = %(organization)s AND name = '{series}' {reserved}) taken) h
        WHERE h.first > h.after + 1
        UNION ALL
        SELECT '{series} ' || t.number, format('used, but the counter stands at %%s', coalesce(s.next_value, 1))
        FROM {table} t
        LEFT JOIN organizations_series s ON s.organization_id = t.organization_id AND s.name = '{series}'
        WHERE t.organization_id = %(organization)s AND t.number >= coalesce(s.next_value, 1)"""


INVOICE_NUMBERS = Invariant(
    "invoice_numbers",
    "Invoice numbers run from 1 without a gap, but for those with a recorded reason or reserved by an unfinished run.",
    _gapless("invoice", "invoicing_invoice", _RESERVED),
)
PAYMENT_NUMBERS = Invariant(
    "payment_numbers", "Payment numbers run from 1 without a gap.", _gapless("payment", "payments_payment")
)
BATCH_NUMBERS = Invariant(
    "batch_numbers", "Batch numbers run from 1 without a gap.", _gapless("batch", "ledger_batch")
)

INVARIANTS = (INVOICE_NUMBERS, PAYMENT_NUMBERS, BATCH_NUMBERS)
