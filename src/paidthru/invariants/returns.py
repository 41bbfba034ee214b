"""Money that was taken back: disputes, returns, reversals, as the payment, the rows and the books know it."""

from paidthru.invariants.invariant import Invariant
from paidthru.ledger.rules.postings import DISPUTES, MONEY_ACCOUNTS
from paidthru.ledger.rules.refunds import REFUNDS_PAYABLE
from paidthru.payments.rules.refunds import ACCEPTED, GIVEN

_MONEY = ", ".join(f"'{code}'" for code in sorted(MONEY_ACCOUNTS | {DISPUTES}))
_UNSENT = ", ".join(f"'{state}'" for state in sorted(GIVEN - ACCEPTED))
_SIGNED = "CASE v.kind WHEN 'reinstated' THEN v.amount_minor ELSE -v.amount_minor END"

PAYMENTS_TAKEN_BACK = Invariant(
    "payments_taken_back",
    "What of a payment is disputed is the sum of its open disputes, and what is gone the sum of its reversals, neither"
    " of them beyond what came; and its state says so.",
    f"""SELECT 'payment ' || p.number, format('%%s, of %%s %%s gone and %%s disputed; its rows say %%s and %%s, %%s',
            p.state, p.amount_minor, p.reversed_minor, p.disputed_minor, coalesce(-v.gone, 0), coalesce(d.held, 0),
            p.currency)
        FROM payments_payment p
        LEFT JOIN (SELECT payment_id, sum({_SIGNED}) AS gone FROM payments_reversal v
                   WHERE organization_id = %(organization)s GROUP BY 1) v ON v.payment_id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount_minor) AS held FROM payments_dispute
                   WHERE organization_id = %(organization)s AND state = 'open' GROUP BY 1) d ON d.payment_id = p.id
        WHERE p.organization_id = %(organization)s
          AND (p.reversed_minor <> least(coalesce(-v.gone, 0), p.amount_minor)
               OR p.disputed_minor <> least(coalesce(d.held, 0), p.amount_minor - p.reversed_minor)
               OR (p.disputed_minor > 0) <> (p.state = 'disputed')
               OR (p.disputed_minor = 0 AND p.reversed_minor > 0) <> (p.state IN ('returned', 'reversed')))""",
)

REVERSAL_PARTS = Invariant(
    "reversal_parts",
    "A reversal is the sum of its parts, and what was taken back of an allocation the sum of those that are of it and"
    " of what staff took off its invoice.",
    """SELECT 'reversal of payment ' || p.number, format('%%s, its parts sum to %%s %%s', v.amount_minor,
           coalesce(sum(o.amount_minor), 0), v.currency)
       FROM payments_reversal v JOIN payments_payment p ON p.id = v.payment_id
       LEFT JOIN payments_reversalpart o ON o.reversal_id = v.id
       WHERE v.organization_id = %(organization)s
       GROUP BY v.id, p.id HAVING v.amount_minor <> coalesce(sum(o.amount_minor), 0)
       UNION ALL
       SELECT 'allocation ' || a.id, format('%%s of %%s taken back, its parts sum to %%s', a.reversed_minor,
           a.amount_minor, coalesce(s.taken, 0))
       FROM payments_allocation a
       LEFT JOIN (SELECT allocation_id, sum(amount_minor) AS taken FROM (
                      SELECT allocation_id, amount_minor FROM payments_reversalpart
                      WHERE organization_id = %(organization)s
                      UNION ALL SELECT allocation_id, amount_minor FROM payments_unapplication
                      WHERE organization_id = %(organization)s) b GROUP BY 1) s ON s.allocation_id = a.id
       WHERE a.organization_id = %(organization)s AND a.reversed_minor <> coalesce(s.taken, 0)""",
)

# Opened, won, lost: each movement has its journal, so what a dispute holds can be read from its own.
REVERSALS_BOOKED = Invariant(
    "reversals_booked",
    "Every reversal has one journal, of its amount where the money was; and every dispute holds its amount in Disputes"
    " exactly as long as it is open.",
    f"""SELECT 'reversal of payment ' || p.number, format('%%s %%s %%s, booked with %%s', v.kind, v.amount_minor,
            v.currency, coalesce(b.moved::text, 'no journal'))
        FROM payments_reversal v JOIN payments_payment p ON p.id = v.payment_id
        LEFT JOIN (SELECT j.source_id, sum(e.amount_minor) FILTER (WHERE a.code IN ({_MONEY})) AS moved
                   FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
                   JOIN ledger_account a ON a.id = e.account_id
                   WHERE j.organization_id = %(organization)s AND j.source_kind = 'reversal' GROUP BY 1) b
          ON b.source_id = v.id
        WHERE v.organization_id = %(organization)s AND b.moved IS DISTINCT FROM {_SIGNED}
        UNION ALL
        SELECT 'dispute of payment ' || p.number, format('%%s over %%s %%s, holds %%s', d.state, d.amount_minor,
            d.currency, coalesce(b.held, 0))
        FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id
        LEFT JOIN (SELECT coalesce(v.dispute_id, j.source_id) AS dispute_id, sum(e.amount_minor) AS held
                   FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
                   JOIN ledger_account a ON a.id = e.account_id
                   LEFT JOIN payments_reversal v ON v.id = j.source_id
                   WHERE j.organization_id = %(organization)s AND j.source_kind IN ('dispute', 'reversal')
                     AND a.code = '{DISPUTES}' GROUP BY 1) b ON b.dispute_id = d.id
        WHERE d.organization_id = %(organization)s
          AND coalesce(b.held, 0) <> CASE d.state WHEN 'open' THEN d.amount_minor ELSE 0 END""",
)

DISPUTES_HELD = Invariant(
    "disputes_held",
    "In every currency the Disputes account holds what is in open disputes.",
    f"""SELECT '{DISPUTES} ' || coalesce(b.currency, d.currency),
            format('the account holds %%s, the open disputes sum to %%s', coalesce(b.held, 0), coalesce(d.held, 0))
        FROM (SELECT a.currency, sum(e.amount_minor) AS held
              FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
              WHERE a.organization_id = %(organization)s AND a.code = '{DISPUTES}' GROUP BY 1) b
        FULL JOIN (SELECT currency, sum(amount_minor) AS held FROM payments_dispute
                   WHERE organization_id = %(organization)s AND state = 'open' GROUP BY 1) d ON d.currency = b.currency
        WHERE coalesce(b.held, 0) <> coalesce(d.held, 0)""",
)

REFUNDS_UNSENT = Invariant(
    "refunds_unsent",
    "In every currency the Refunds payable account holds what is approved and not yet given back.",
    f"""SELECT '{REFUNDS_PAYABLE} ' || coalesce(b.currency, r.currency),
            format('the account holds %%s, the refunds not sent sum to %%s', coalesce(b.held, 0), coalesce(r.held, 0))
        FROM (SELECT a.currency, -sum(e.amount_minor) AS held
              FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
              WHERE a.organization_id = %(organization)s AND a.code = '{REFUNDS_PAYABLE}' GROUP BY 1) b
        FULL JOIN (SELECT currency, sum(amount_minor) AS held FROM payments_refund
                   WHERE organization_id = %(organization)s AND state IN ({_UNSENT}) GROUP BY 1) r
          ON r.currency = b.currency
        WHERE coalesce(b.held, 0) <> coalesce(r.held, 0)""",
)

# Another company's books, so they are read and not imported. Where its word still waits in the inbox, or the charge is
# none that we know, nothing could be settled yet.
SANDBOX_DISPUTES = Invariant(
    "sandbox_disputes",
    "Every dispute and return in the sandbox processor's books is one of ours, of the same amount and decided alike,"
    " and the reverse; one whose word is still to be worked excepted.",
    """SELECT coalesce('dispute ' || s.ref, 'dispute of payment ' || d.number),
           CASE WHEN d.number IS NULL THEN format('%%s %%s taken back, and we do not know', s.amount_minor, s.currency)
                WHEN s.ref IS NULL THEN 'the processor knows no dispute ' || d.gateway_ref
                ELSE format('%%s %%s there, %%s %%s here', s.status, s.amount_minor, d.state, d.amount_minor) END
       FROM (SELECT ref, amount_minor, currency, status, intent_id FROM sandbox_sandboxdispute
             WHERE organization_id = %(organization)s) s
       FULL JOIN (SELECT d.gateway_ref, d.amount_minor, d.state, p.number
                  FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id
                  WHERE d.organization_id = %(organization)s AND d.gateway = 'sandbox') d ON d.gateway_ref = s.ref
       WHERE (s.amount_minor IS DISTINCT FROM d.amount_minor OR s.status IS DISTINCT FROM d.state)
         AND NOT EXISTS (SELECT 1 FROM timeline_inboxevent i
                         WHERE i.organization_id = %(organization)s AND i.object_ref = s.ref AND i.state = 'new')
         AND NOT (d.number IS NULL AND EXISTS (
               SELECT 1 FROM payments_paymentintent t JOIN payments_attempt a ON a.intent_id = t.id
               WHERE t.gateway = 'sandbox' AND NOT t.livemode AND t.gateway_ref = s.intent_id
                 AND a.state NOT IN ('succeeded', 'declined', 'canceled')))""",
    needs="sandbox_sandboxdispute",
)

INVARIANTS = (
    PAYMENTS_TAKEN_BACK,
    REVERSAL_PARTS,
    REVERSALS_BOOKED,
    DISPUTES_HELD,
    REFUNDS_UNSENT,
    SANDBOX_DISPUTES,
)
