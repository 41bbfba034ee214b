"""What is owed: receivables and invoices, with each other and with the books."""

from paidthru.invariants.invariant import Invariant
from paidthru.ledger.rules.postings import MEMO_BILLED, RECEIVABLE

# On either basis what is still owed can be read from the books (field-notes D.3).
_OWED = f"""SELECT e.%s AS id, a.currency, sum(e.amount_minor) AS balance
    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
    WHERE a.organization_id = %%(organization)s AND a.code IN ('{RECEIVABLE}', '{MEMO_BILLED}')
    GROUP BY 1, 2"""

RECEIVABLE_LEDGER = Invariant(
    "receivable_ledger",
    "What a receivable still owes is its balance in the books (Receivable and Memo billed).",
    f"""SELECT coalesce('receivable ' || r.id, 'no receivable, ' || coalesce(b.id::text, 'none named')),
            format('owes %%s, the books say %%s %%s', coalesce(r.balance_minor, 0), coalesce(b.balance, 0),
                   coalesce(b.currency, r.currency))
        FROM ({_OWED % "receivable_id"}) b
        FULL JOIN (SELECT id, currency, balance_minor FROM invoicing_receivable
                   WHERE organization_id = %(organization)s) r ON r.id = b.id AND r.currency = b.currency
        WHERE r.id IS NULL OR r.balance_minor <> coalesce(b.balance, 0)""",
)

INVOICE_LEDGER = Invariant(
    "invoice_ledger",
    "What an issued invoice still asks for is its balance in the books (Receivable and Memo billed).",
    f"""SELECT coalesce('invoice ' || i.number, 'no issued invoice, ' || coalesce(b.id::text, 'none named')),
            format('balance %%s, the books say %%s %%s', coalesce(i.balance_minor, 0), coalesce(b.balance, 0),
                   coalesce(b.currency, i.currency))
        FROM ({_OWED % "invoice_id"}) b
        FULL JOIN (SELECT id, number, currency, balance_minor FROM invoicing_invoice
                   WHERE organization_id = %(organization)s AND state <> 'draft') i
          ON i.id = b.id AND i.currency = b.currency
        WHERE i.id IS NULL OR i.balance_minor <> coalesce(b.balance, 0)""",
)

INVOICE_TOTALS = Invariant(
    "invoice_totals",
    "An invoice's total is the sum of its lines.",
    """SELECT coalesce('invoice ' || i.number, 'draft ' || i.id),
           format('total %%s, its lines sum to %%s %%s', i.total_minor, coalesce(sum(l.amount_minor), 0), i.currency)
       FROM invoicing_invoice i LEFT JOIN invoicing_line l ON l.invoice_id = i.id
       WHERE i.organization_id = %(organization)s
       GROUP BY i.id HAVING i.total_minor <> coalesce(sum(l.amount_minor), 0)""",
)

INVOICE_BALANCES = Invariant(
    "invoice_balances",
    "The balance of an invoice that is sent or paid is the sum of what its receivables still owe.",
    """SELECT 'invoice ' || i.number,
           format('balance %%s, its receivables owe %%s %%s', i.balance_minor, coalesce(sum(r.balance_minor), 0),
                  i.currency)
       FROM invoicing_invoice i
       LEFT JOIN invoicing_line l ON l.invoice_id = i.id LEFT JOIN invoicing_receivable r ON r.id = l.receivable_id
       WHERE i.organization_id = %(organization)s AND i.state IN ('sent', 'paid')
       GROUP BY i.id HAVING i.balance_minor <> coalesce(sum(r.balance_minor), 0)""",
)

INVOICE_STATES = Invariant(
    "invoice_states",
    "A sent invoice asks for something, a paid one for nothing; an issued one has a number.",
    """SELECT coalesce('invoice ' || number, 'invoice without a number ' || id),
           format('%%s with a balance of %%s %%s', state, balance_minor, currency)
       FROM invoicing_invoice
       WHERE organization_id = %(organization)s
         AND ((state = 'sent' AND balance_minor = 0) OR (state = 'paid' AND balance_minor <> 0)
              OR (state <> 'draft' AND number IS NULL))""",
)

RECEIVABLE_STATES = Invariant(
    "receivable_states",
    "An open receivable owes something, a settled one nothing.",
    """SELECT 'receivable ' || id, format('%%s with a balance of %%s %%s', state, balance_minor, currency)
       FROM invoicing_receivable
       WHERE organization_id = %(organization)s
         AND ((state = 'open' AND balance_minor = 0) OR (state = 'settled' AND balance_minor <> 0))""",
)

RECEIVABLES_PAID = Invariant(
    "receivables_paid",
    "What an open or settled receivable no longer owes was allocated to it and not taken back, or credited.",
    """SELECT 'receivable ' || r.id, format('%%s of %%s paid, its allocations and credits sum to %%s %%s',
           r.amount_minor - r.balance_minor, r.amount_minor, coalesce(a.paid, 0) + coalesce(c.credited, 0), r.currency)
       FROM invoicing_receivable r
       LEFT JOIN (SELECT receivable_id, sum(amount_minor - reversed_minor) AS paid FROM payments_allocation
                  WHERE organization_id = %(organization)s GROUP BY 1) a ON a.receivable_id = r.id
       LEFT JOIN (SELECT receivable_id, sum(amount_minor) AS credited FROM invoicing_creditnoteline
                  WHERE organization_id = %(organization)s GROUP BY 1) c ON c.receivable_id = r.id
       WHERE r.organization_id = %(organization)s AND r.state IN ('open', 'settled')
         AND r.amount_minor - r.balance_minor <> coalesce(a.paid, 0) + coalesce(c.credited, 0)""",
)

CREDIT_NOTES = Invariant(
    "credit_notes",
    "A credit note's amount is the sum of its lines, and an invoice is never credited beyond its total.",
    """SELECT 'credit note ' || n.number, format('%%s, its lines sum to %%s %%s', n.amount_minor, l.total, n.currency)
       FROM invoicing_creditnote n
       JOIN (SELECT credit_note_id, sum(amount_minor) AS total FROM invoicing_creditnoteline
             WHERE organization_id = %(organization)s GROUP BY 1) l ON l.credit_note_id = n.id
       WHERE n.organization_id = %(organization)s AND n.amount_minor <> l.total
       UNION ALL
       SELECT 'invoice ' || i.number, format('credited with %%s of %%s %%s', n.total, i.total_minor, i.currency)
       FROM invoicing_invoice i
       JOIN (SELECT invoice_id, sum(amount_minor) AS total FROM invoicing_creditnote
             WHERE organization_id = %(organization)s GROUP BY 1) n ON n.invoice_id = i.id
       WHERE i.organization_id = %(organization)s AND n.total > i.total_minor""",
)

INVARIANTS = (
    RECEIVABLE_LEDGER,
    INVOICE_LEDGER,
    INVOICE_TOTALS,
    INVOICE_BALANCES,
    INVOICE_STATES,
    RECEIVABLE_STATES,
    RECEIVABLES_PAID,
    CREDIT_NOTES,
)
