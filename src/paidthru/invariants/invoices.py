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

# Documents of one obligation follow each other without a journal: its entries stay under the one that asked then. So an
# invoice is compared by itself only where no other asks for the same; of the rest the receivables are (above).
INVOICE_LEDGER = Invariant(
    "invoice_ledger",
    "What an issued invoice still asks for is its balance in the books (Receivable and Memo billed).",
    f"""SELECT coalesce('invoice ' || i.number, 'no issued invoice, ' || coalesce(b.id::text, 'none named')),
            format('balance %%s, the books say %%s %%s', coalesce(i.balance_minor, 0), coalesce(b.balance, 0),
                   coalesce(b.currency, i.currency))
        FROM ({_OWED % "invoice_id"}) b
        FULL JOIN (SELECT id, number, currency, balance_minor, awaits_reissue FROM invoicing_invoice
                   WHERE organization_id = %(organization)s AND number IS NOT NULL) i
          ON i.id = b.id AND i.currency = b.currency
        WHERE i.awaits_reissue IS NOT TRUE AND (i.id IS NULL OR i.balance_minor <> coalesce(b.balance, 0))
          AND NOT EXISTS (SELECT 1 FROM invoicing_line l JOIN invoicing_line o ON o.receivable_id = l.receivable_id
                          WHERE l.invoice_id = i.id AND o.invoice_id <> i.id)""",
)

INVOICE_TOTALS = Invariant(
    "invoice_totals",
    "An issued invoice's total is the sum of its lines.",
    """SELECT coalesce('invoice ' || i.number, 'draft ' || i.id),
           format('total %%s, its lines sum to %%s %%s', i.total_minor, coalesce(sum(l.amount_minor), 0), i.currency)
       FROM invoicing_invoice i LEFT JOIN invoicing_line l ON l.invoice_id = i.id
       WHERE i.organization_id = %(organization)s AND i.written IS NULL AND i.number IS NOT NULL
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
    "A sent invoice asks for something, one that is paid, closed, void or uncollectible for nothing; an issued one has"
    " a number.",
    """SELECT coalesce('invoice ' || number, 'invoice without a number ' || id),
           format('%%s with a balance of %%s %%s', state, balance_minor, currency)
       FROM invoicing_invoice
       WHERE organization_id = %(organization)s
         AND ((state = 'sent' AND balance_minor = 0)
              OR (state IN ('paid', 'closed', 'void', 'uncollectible') AND balance_minor <> 0)
              OR (state NOT IN ('draft', 'void') AND number IS NULL))""",
)

RECEIVABLE_STATES = Invariant(
    "receivable_states",
    "An open receivable owes something, any other nothing.",
    """SELECT 'receivable ' || id, format('%%s with a balance of %%s %%s', state, balance_minor, currency)
       FROM invoicing_receivable
       WHERE organization_id = %(organization)s
         AND ((state = 'open' AND balance_minor = 0) OR (state <> 'open' AND balance_minor <> 0)
              OR (state = 'written_off' AND written_off_minor = 0))""",
)

RECEIVABLES_PAID = Invariant(
    "receivables_paid",
    "What an open or settled receivable no longer owes was allocated to it and not taken back, credited, or written"
    " off.",
    """SELECT 'receivable ' || r.id, format('%%s of %%s paid, its allocations and credits sum to %%s %%s',
           r.amount_minor - r.balance_minor - r.written_off_minor, r.amount_minor,
           coalesce(a.paid, 0) + coalesce(c.credited, 0), r.currency)
       FROM invoicing_receivable r
       LEFT JOIN (SELECT receivable_id, sum(amount_minor - reversed_minor) AS paid FROM payments_allocation
                  WHERE organization_id = %(organization)s GROUP BY 1) a ON a.receivable_id = r.id
       LEFT JOIN (SELECT receivable_id, sum(amount_minor) AS credited FROM invoicing_creditnoteline
                  WHERE organization_id = %(organization)s GROUP BY 1) c ON c.receivable_id = r.id
       WHERE r.organization_id = %(organization)s AND r.state IN ('open', 'settled')
         AND r.amount_minor - r.balance_minor - r.written_off_minor <> coalesce(a.paid, 0) + coalesce(c.credited, 0)""",
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

# What is owed is counted once, whatever documents ask for it (A2-16).
ONE_LIVE_DOCUMENT = Invariant(
    "one_live_document",
    "An open receivable has one document that stands for it: a live invoice, or the last closed one that waits for its"
    " successor; and a closed invoice holds no open intent.",
    """SELECT 'receivable ' || r.id, format('%%s documents stand for %%s %%s', count(i.id), r.balance_minor, r.currency)
       FROM invoicing_receivable r
       LEFT JOIN invoicing_line l ON l.receivable_id = r.id
       LEFT JOIN invoicing_invoice i ON i.id = l.invoice_id
            AND (i.state IN ('sent', 'paid') OR i.awaits_reissue)
       WHERE r.organization_id = %(organization)s AND r.state = 'open'
       GROUP BY r.id HAVING count(i.id) = 0 OR count(i.id) FILTER (WHERE i.state <> 'paid') > 1
       UNION ALL
       SELECT 'invoice ' || i.number, 'waits for a successor, and nothing of it is open'
       FROM invoicing_invoice i
       WHERE i.organization_id = %(organization)s AND i.awaits_reissue AND NOT EXISTS (
             SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
             WHERE l.invoice_id = i.id AND r.state = 'open')
       UNION ALL
       SELECT 'invoice ' || i.number, 'is closed because ' || i.closed_because || ', and something still collects it'
       FROM invoicing_invoice i JOIN payments_intentinvoice h ON h.invoice_id = i.id AND h.open
       WHERE i.organization_id = %(organization)s AND i.state = 'closed' AND i.closed_because <> ''""",
)

DOCUMENTS_KEPT = Invariant(
    "documents_kept",
    "With every invoice, credit note and payment is kept who it was for when it was issued, and of whom.",
    """SELECT d.kind || ' ' || d.number, 'nothing is kept of whom it was for'
       FROM (SELECT id, number, 'invoice' AS kind FROM invoicing_invoice
             WHERE organization_id = %(organization)s AND number IS NOT NULL
             UNION ALL SELECT id, number, 'credit note' FROM invoicing_creditnote
             WHERE organization_id = %(organization)s
             UNION ALL SELECT id, number, 'receipt' FROM payments_payment
             WHERE organization_id = %(organization)s) d
       WHERE NOT EXISTS (SELECT 1 FROM invoicing_issueddocument k WHERE k.id = d.id AND k.kind = d.kind)""",
)

INVARIANTS = (
    DOCUMENTS_KEPT,
    RECEIVABLE_LEDGER,
    INVOICE_LEDGER,
    INVOICE_TOTALS,
    INVOICE_BALANCES,
    INVOICE_STATES,
    RECEIVABLE_STATES,
    RECEIVABLES_PAID,
    ONE_LIVE_DOCUMENT,
    CREDIT_NOTES,
)
