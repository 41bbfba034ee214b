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

# Labels are kept by what the stretches say, which count on: so a series has gaps where the numbers have, with reasons.
_STRETCHES = """SELECT first_number, prefix, width, first_value,
        lead(first_number) OVER (ORDER BY first_number) AS until
    FROM (SELECT first_number, prefix, width, first_value FROM invoicing_numberstretch
          WHERE organization_id = %(organization)s
          UNION ALL SELECT 0, '', 1, 0) each"""
INVOICE_LABELS = Invariant(
    "invoice_labels",
    "What people read for an invoice's number follows from it, and each series counts from 1 without leaving one out.",
    f"""WITH stretches AS ({_STRETCHES})
        SELECT 'invoice ' || i.number, format('labelled “%%s” and not “%%s”', i.label, said.label)
        FROM invoicing_invoice i
        JOIN stretches s ON i.number >= s.first_number AND (s.until IS NULL OR i.number < s.until)
        CROSS JOIN LATERAL (SELECT (s.first_value + i.number - s.first_number)::text AS value) n
        CROSS JOIN LATERAL (
            SELECT s.prefix || lpad(n.value, greatest(s.width, length(n.value)), '0') AS label) said
        WHERE i.organization_id = %(organization)s AND i.label <> said.label
        UNION ALL
        SELECT 'series ' || prefix, format('begins again with %%s after %%s', first_value, after)
        FROM (SELECT prefix, first_value, coalesce(lag(first_value + until - first_number - 1)
                     OVER (PARTITION BY prefix ORDER BY first_number), 0) AS after
              FROM stretches WHERE prefix <> '') counted
        WHERE first_value <> after + 1
        UNION ALL
        SELECT 'invoice number ' || first_number, 'read as another number'
        FROM stretches WHERE prefix = '' AND first_value <> first_number""",
)

INVARIANTS = (INVOICE_LABELS, INVOICE_NUMBERS, PAYMENT_NUMBERS, BATCH_NUMBERS)
