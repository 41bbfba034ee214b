"""Tax: what the account holds, and what the lines that bear it say (A-14)."""

from paidthru.invariants.invariant import Invariant
from paidthru.ledger.rules.postings import TAX

# On accrual tax is owed to the tax office as it is billed, less what is credited, voided or given back; a write-off
# leaves it. On a cash basis, and of voluntary lines, it is owed as it is paid, less what is taken or given back.
TAX_LEDGER = Invariant(
    "tax_ledger",
    "What the account Tax holds of each tax is what its lines say: billed and not credited or given back, on a cash"
    " basis paid and not taken or given back; and it holds nothing else.",
    f"""SELECT 'tax ' || found.id, format('the lines say %%s, the books %%s %%s', found.said, found.held, found.currency)
        FROM (SELECT r.id, r.currency, coalesce(b.held, 0) AS held,
                  CASE WHEN r.basis = 'cash' OR r.voluntary THEN coalesce(p.paid, 0)
                       WHEN r.state IN ('void', 'canceled') THEN coalesce(p.paid, 0) + r.written_off_minor
                       ELSE r.amount_minor - coalesce(c.credited, 0) END - coalesce(p.refunded, 0) AS said
              FROM invoicing_receivable r
              LEFT JOIN (SELECT receivable_id, sum(amount_minor - reversed_minor) AS paid,
                             sum(refunded_minor) AS refunded
                         FROM payments_allocation WHERE organization_id = %(organization)s GROUP BY 1) p
                ON p.receivable_id = r.id
              LEFT JOIN (SELECT receivable_id, sum(amount_minor) AS credited FROM invoicing_creditnoteline
                         WHERE organization_id = %(organization)s GROUP BY 1) c ON c.receivable_id = r.id
              LEFT JOIN (SELECT e.receivable_id, -sum(e.amount_minor) AS held
                         FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                         WHERE a.organization_id = %(organization)s AND a.code = '{TAX}' GROUP BY 1) b
                ON b.receivable_id = r.id
              WHERE r.organization_id = %(organization)s AND r.tax_of_id IS NOT NULL) found
        WHERE found.held <> found.said
        UNION ALL
        SELECT 'journal ' || e.journal_id, format('%%s on Tax of nothing that is taxed', -e.amount_minor)
        FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
        LEFT JOIN invoicing_receivable r ON r.id = e.receivable_id
        WHERE a.organization_id = %(organization)s AND a.code = '{TAX}' AND r.tax_of_id IS NULL""",
)

INVARIANTS = (TAX_LEDGER,)
