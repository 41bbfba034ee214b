"""Dunning: a case is about what its membership owes, and nothing is said about what was paid.

That a receivable has one open case at most, and that no step is done twice, the database refuses to break. A case whose
reason is gone is closed on the worker's next round: until then it is open and silent.
"""

from paidthru.invariants.invariant import Invariant

CASES_ABOUT = Invariant(
    "cases_about",
    "A case is about a primary receivable of its own party and membership.",
    """SELECT p.name || ', case ' || c.id, format('its receivable is of %%s, membership %%s', q.name, r.source_id)
       FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
       JOIN people_party p ON p.id = c.party_id JOIN people_party q ON q.id = r.party_id
       WHERE c.organization_id = %(organization)s
         AND (r.party_id <> c.party_id OR r.source_id <> c.membership_id OR NOT r.is_primary OR r.voluntary)""",
)

# Rows are numbered by when they were written, so a mail after the last money is one about nothing.
CASES_SILENT = Invariant(
    "cases_silent",
    "No mail of a case is written after what it is about was paid.",
    """SELECT p.name || ', case ' || c.id, format('%%s was mailed after the last payment', s.mail)
       FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id AND r.state = 'settled'
       JOIN people_party p ON p.id = c.party_id
       JOIN dunning_step s ON s.case_id = c.id AND s.state = 'done' AND s.message_key <> ''
       WHERE c.organization_id = %(organization)s
         AND EXISTS (SELECT 1 FROM payments_allocation a WHERE a.receivable_id = r.id)
         AND NOT EXISTS (SELECT 1 FROM payments_allocation a WHERE a.receivable_id = r.id AND a.id > s.id)""",
)

CASES_END = Invariant(
    "cases_end",
    "A case that is closed has no pause that holds, and nothing of it waits for a day.",
    """SELECT p.name || ', case ' || c.id, format('closed %%s, next look %%s', c.closed_on,
              coalesce(c.next_on::text, 'none'))
       FROM dunning_case c JOIN people_party p ON p.id = c.party_id
       WHERE c.organization_id = %(organization)s AND c.state = 'closed'
         AND (c.next_on IS NOT NULL
              OR EXISTS (SELECT 1 FROM dunning_pause u WHERE u.case_id = c.id AND u.ended = ''))""",
)

INVARIANTS = (CASES_ABOUT, CASES_SILENT, CASES_END)
