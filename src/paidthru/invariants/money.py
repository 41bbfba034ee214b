"""Money that came, and our asking for it: payments, credit, attempts, the processor's books."""

from paidthru.invariants.invariant import Invariant
from paidthru.ledger.rules.postings import CLEARING, CREDIT, MONEY_ACCOUNTS
from paidthru.ledger.rules.settlement import POSTED_ELSEWHERE
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.rules.refunds import ACCEPTED, GIVEN

_GIVEN = ", ".join(f"'{state}'" for state in sorted(GIVEN))
_ACCEPTED = ", ".join(f"'{state}'" for state in sorted(ACCEPTED))
_POSTED = ", ".join(f"'{kind}'" for kind in sorted(POSTED_ELSEWHERE))
_OPEN = ", ".join(f"'{state}'" for state in OPEN_ATTEMPT)
_RECEIVED = "j.source_kind = 'payment' AND j.event = 'received'"
_MONEY = ", ".join(f"'{code}'" for code in sorted(MONEY_ACCOUNTS))

MEMBER_CREDIT = Invariant(
    "member_credit",
    "A party's credit in the books is the unallocated part of its payments, and never below zero.",
    f"""SELECT coalesce(p.name, 'no party') || ', credit in ' || found.currency,
            format('the books say %%s, the payments %%s', found.booked, found.unallocated)
        FROM (SELECT coalesce(b.party_id, u.party_id) AS party_id, coalesce(b.currency, u.currency) AS currency,
                     coalesce(b.credit, 0) AS booked, coalesce(u.credit, 0) AS unallocated
              FROM (SELECT e.party_id, a.currency, -sum(e.amount_minor) AS credit
                    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
                    WHERE a.organization_id = %(organization)s AND a.code = '{CREDIT}' GROUP BY 1, 2) b
              FULL JOIN (SELECT party_id, currency, sum(unallocated_minor) AS credit FROM payments_payment
                         WHERE organization_id = %(organization)s GROUP BY 1, 2) u
                ON u.party_id = b.party_id AND u.currency = b.currency) found
        LEFT JOIN people_party p ON p.id = found.party_id
        WHERE found.booked <> found.unallocated OR found.booked < 0""",
)

# What was taken back of an allocation is owed again; where credit was, it went out of the payment.
PAYMENTS_ALLOCATED = Invariant(
    "payments_allocated",
    "A payment's amount is what it paid, what stands as credit, and what was given or taken back of either.",
    f"""SELECT 'payment ' || p.number, format('%%s, of it %%s allocated, %%s left, %%s given and %%s taken back, %%s',
            p.amount_minor, coalesce(a.paid, 0), p.unallocated_minor, coalesce(g.given, 0), coalesce(t.taken, 0),
            p.currency)
        FROM payments_payment p
        LEFT JOIN (SELECT payment_id, sum(amount_minor - reversed_minor) AS paid FROM payments_allocation
                   WHERE organization_id = %(organization)s GROUP BY 1) a ON a.payment_id = p.id
        LEFT JOIN (SELECT r.payment_id, sum(o.amount_minor) AS given
                   FROM payments_refund r JOIN payments_refundpart o ON o.refund_id = r.id
                   WHERE r.organization_id = %(organization)s AND o.allocation_id IS NULL AND r.state IN ({_GIVEN})
                   GROUP BY 1) g ON g.payment_id = p.id
        LEFT JOIN (SELECT v.payment_id, sum(CASE o.kind WHEN 'reinstated' THEN -o.amount_minor WHEN 'excess' THEN 0
                                                 ELSE o.amount_minor END) AS taken
                   FROM payments_reversal v JOIN payments_reversalpart o ON o.reversal_id = v.id
                   WHERE v.organization_id = %(organization)s GROUP BY 1) t ON t.payment_id = p.id
        WHERE p.organization_id = %(organization)s
          AND p.amount_minor <> coalesce(a.paid, 0) + p.unallocated_minor + coalesce(g.given, 0)
                                + coalesce(t.taken, 0)""",
)

PAYMENTS_BOOKED = Invariant(
    "payments_booked",
    "Every payment has one journal that received it, with its amount on the account where money arrives.",
    f"""SELECT 'payment ' || p.number, format('%%s %%s, %%s', p.amount_minor, p.currency,
            CASE WHEN count(*) FILTER (WHERE {_RECEIVED}) = 0 THEN 'no journal received it'
                 ELSE 'its journal has another amount where money arrives' END)
        FROM payments_payment p
        LEFT JOIN ledger_journal j ON j.source_id = p.id
        LEFT JOIN ledger_entry e ON e.journal_id = j.id
        LEFT JOIN ledger_account a ON a.id = e.account_id
        WHERE p.organization_id = %(organization)s
        GROUP BY p.id
        HAVING p.amount_minor IS DISTINCT FROM
               sum(e.amount_minor) FILTER (WHERE {_RECEIVED} AND a.code IN ({_MONEY}))""",
)

ONE_OPEN_INTENT = Invariant(
    "one_open_intent",
    "An invoice has at most one open intent, whoever opened it.",
    """SELECT 'invoice ' || i.number, format('%%s open intents', o.n)
       FROM (SELECT invoice_id, count(*) AS n FROM payments_intentinvoice
             WHERE organization_id = %(organization)s AND open GROUP BY 1 HAVING count(*) > 1) o
       JOIN invoicing_invoice i ON i.id = o.invoice_id""",
)

# The database sees to it that an intent has no second open attempt (payments: one_open_attempt_per_intent).
OPEN_QUESTIONS = Invariant(
    "open_questions",
    "An intent is open, and holds its invoices, exactly as long as an attempt at it is open.",
    f"""SELECT 'intent ' || t.id, format('%%s, with %%s open attempts, holding %%s of %%s invoices',
            t.state, count(DISTINCT a.id) FILTER (WHERE a.state IN ({_OPEN})),
            count(DISTINCT i.id) FILTER (WHERE i.open), count(DISTINCT i.id))
        FROM payments_paymentintent t
        LEFT JOIN payments_intentinvoice i ON i.intent_id = t.id
        LEFT JOIN payments_attempt a ON a.intent_id = t.id
        WHERE t.organization_id = %(organization)s
        GROUP BY t.id
        HAVING count(i.id) = 0
            OR coalesce(bool_or(a.state IN ({_OPEN})), false) <> (t.state = 'open')
            OR bool_or(i.open <> (t.state = 'open'))""",
)

SUCCESSES_PAID = Invariant(
    "successes_paid",
    "Every attempt that succeeded has one payment, of its intent's party and currency; no other attempt has one.",
    """SELECT coalesce('attempt ' || a.id, 'payment ' || p.number),
           CASE WHEN p.id IS NULL THEN 'succeeded, but there is no payment'
                WHEN a.state <> 'succeeded' THEN format('is %%s, but payment %%s came of it', a.state, p.number)
                ELSE format('payment %%s is of another party or currency', p.number) END
       FROM payments_attempt a
       JOIN payments_paymentintent t ON t.id = a.intent_id
       LEFT JOIN payments_payment p ON p.attempt_id = a.id
       WHERE a.organization_id = %(organization)s
         AND ((a.state = 'succeeded') <> (p.id IS NOT NULL) OR p.party_id <> t.party_id OR p.currency <> t.currency)""",
)

# What gateways collected, less what left them: given back, held back in disputes, gone, kept as fees, paid out. Money
# that nobody could place is there too, until it is found to be something else.
CLEARING_BALANCE = Invariant(
    "clearing",
    "In every currency the Clearing account holds what gateways hold for us.",
    f"""SELECT '{CLEARING} ' || coalesce(b.currency, p.currency),
            format('the account holds %%s, payments and all that left sum to %%s', coalesce(b.held, 0),
                   coalesce(p.total, 0))
        FROM (SELECT a.currency, sum(e.amount_minor) AS held
              FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
              WHERE a.organization_id = %(organization)s AND a.code = '{CLEARING}' GROUP BY 1) b
        FULL JOIN (
            SELECT currency, sum(moved) AS total FROM (
                SELECT currency, amount_minor AS moved FROM payments_payment
                WHERE organization_id = %(organization)s AND means IN ('card', 'bank')
                UNION ALL
                SELECT currency, -amount_minor FROM payments_refund
                WHERE organization_id = %(organization)s AND via = 'gateway' AND state IN ({_ACCEPTED})
                UNION ALL
                SELECT currency, -amount_minor FROM payments_dispute
                WHERE organization_id = %(organization)s AND state = 'open'
                UNION ALL
                SELECT v.currency, CASE v.kind WHEN 'reinstated' THEN v.amount_minor ELSE -v.amount_minor END
                FROM payments_reversal v JOIN payments_payment p ON p.id = v.payment_id
                WHERE v.organization_id = %(organization)s AND p.means IN ('card', 'bank')
                UNION ALL
                SELECT currency, CASE WHEN kind IN ({_POSTED}) AND charged_currency = '' THEN 0 ELSE amount_minor END
                                 - fee_minor
                FROM payments_balanceline WHERE organization_id = %(organization)s
                UNION ALL
                SELECT charged_currency, -charged_minor FROM payments_balanceline
                WHERE organization_id = %(organization)s AND kind IN ({_POSTED}) AND charged_currency <> ''
                UNION ALL
                SELECT s.currency, CASE s.kind WHEN 'charge' THEN s.amount_minor ELSE -s.amount_minor END
                FROM payments_stray s
                WHERE s.organization_id = %(organization)s AND NOT EXISTS (
                    SELECT 1 FROM ledger_journal j
                    WHERE j.source_id = s.id AND j.source_kind = 'stray' AND j.event = 'taken out')) m
            GROUP BY 1) p ON p.currency = b.currency
        WHERE coalesce(b.held, 0) <> coalesce(p.total, 0)""",
)

# Another company's books, so they are read and not imported. Where an attempt is still open the answer hasn't come.
SANDBOX_BOOKS = Invariant(
    "sandbox_books",
    "Every charge in the sandbox processor's books is one payment of ours of the same amount, and the reverse;"
    " an attempt that still waits for its answer excepted.",
    f"""SELECT coalesce('charge ' || c.ref, 'payment ' || p.number),
            CASE WHEN p.id IS NULL THEN format('%%s %%s taken, but there is no payment', c.amount_minor, c.currency)
                 WHEN c.ref IS NULL THEN 'the processor knows no charge ' || coalesce(p.gateway_ref, '')
                 ELSE format('%%s %%s taken, payment %%s is %%s %%s', c.amount_minor, c.currency, p.number,
                             p.amount_minor, p.currency) END
        FROM (SELECT ref, intent_id, amount_minor, currency FROM sandbox_sandboxcharge
              WHERE organization_id = %(organization)s) c
        FULL JOIN (SELECT id, number, gateway_ref, amount_minor, currency FROM payments_payment
                   WHERE organization_id = %(organization)s AND gateway = 'sandbox') p ON p.gateway_ref = c.ref
        WHERE (c.amount_minor IS DISTINCT FROM p.amount_minor OR c.currency IS DISTINCT FROM p.currency)
          AND NOT (p.id IS NULL AND EXISTS (
                SELECT 1 FROM payments_paymentintent t JOIN payments_attempt a ON a.intent_id = t.id
                WHERE t.gateway = 'sandbox' AND NOT t.livemode AND t.gateway_ref = c.intent_id
                  AND a.state IN ({_OPEN})))""",
    needs="sandbox_sandboxcharge",
)

INVARIANTS = (
    MEMBER_CREDIT,
    PAYMENTS_ALLOCATED,
    PAYMENTS_BOOKED,
    ONE_OPEN_INTENT,
    OPEN_QUESTIONS,
    SUCCESSES_PAID,
    CLEARING_BALANCE,
    SANDBOX_BOOKS,
)
