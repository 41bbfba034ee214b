"""The books in themselves: journals, the trial balance, deferred income."""

from paidthru.invariants.invariant import Invariant

JOURNALS_BALANCE = Invariant(
    "journals_balance",
    "Every journal has two entries or more, and they sum to zero.",
    """SELECT 'journal ' || j.id,
           format('%%s entries that sum to %%s', count(e.id), coalesce(sum(e.amount_minor), 0))
       FROM ledger_journal j LEFT JOIN ledger_entry e ON e.journal_id = j.id
       WHERE j.organization_id = %(organization)s
       GROUP BY j.id HAVING count(e.id) < 2 OR sum(e.amount_minor) <> 0""",
)

# Memo accounts are a book of their own, kept out of exports: a journal may not cross from it into the other.
TRIAL_BALANCE = Invariant(
    "trial_balance",
    "In every currency the accounts sum to zero, the memo accounts too; no entry is in another currency than its"
    " journal.",
    """SELECT 'trial balance ' || a.currency || CASE WHEN a.kind = 'memo' THEN ', memo accounts' ELSE '' END,
           format('sums to %%s', sum(e.amount_minor))
       FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
       WHERE j.organization_id = %(organization)s
       GROUP BY a.currency, a.kind = 'memo', CASE WHEN a.kind = 'memo' THEN ', memo accounts' ELSE '' END
       HAVING sum(e.amount_minor) <> 0
       UNION ALL
       SELECT 'entry ' || e.id, format('%%s %%s in a journal in %%s', a.code, a.currency, j.currency)
       FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id JOIN ledger_account a ON a.id = e.account_id
       WHERE j.organization_id = %(organization)s AND a.currency <> j.currency""",
)

DEFERRED_INCOME = Invariant(
    "deferred_income",
    "In every currency the Deferred account holds what the schedules have neither recognized nor canceled.",
    """SELECT 'Deferred ' || coalesce(b.currency, s.currency),
           format('the account holds %%s, the schedules %%s', coalesce(b.held, 0), coalesce(s.held, 0))
       FROM (SELECT a.currency, -sum(e.amount_minor) AS held
             FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
             WHERE a.organization_id = %(organization)s AND a.code = 'Deferred' GROUP BY 1) b
       FULL JOIN (SELECT currency, sum(total_minor - recognized_minor - canceled_minor) AS held
                  FROM ledger_deferralschedule
                  WHERE organization_id = %(organization)s GROUP BY 1) s ON s.currency = b.currency
       WHERE coalesce(b.held, 0) <> coalesce(s.held, 0)""",
)

RECOGNITIONS = Invariant(
    "recognitions",
    "What a schedule has recognized is the sum of its recognitions, and all but what was given back before it was"
    " earned where none is due any more.",
    """SELECT 'schedule ' || s.id,
           format('recognized %%s and canceled %%s of %%s, its recognitions sum to %%s, next on %%s',
                  s.recognized_minor, s.canceled_minor, s.total_minor, coalesce(sum(r.amount_minor), 0),
                  coalesce(s.next_on::text, 'never'))
       FROM ledger_deferralschedule s LEFT JOIN ledger_recognition r ON r.schedule_id = s.id
       WHERE s.organization_id = %(organization)s
       GROUP BY s.id
       HAVING s.recognized_minor <> coalesce(sum(r.amount_minor), 0)
           OR (s.next_on IS NULL AND s.recognized_minor + s.canceled_minor <> s.total_minor)""",
)

INVARIANTS = (JOURNALS_BALANCE, TRIAL_BALANCE, DEFERRED_INCOME, RECOGNITIONS)
