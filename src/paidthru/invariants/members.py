"""Memberships and their terms: what is stored for speed says what the terms say (design, Facts about the model)."""

from paidthru.invariants.invariant import Invariant

_WHO = "p.name || ', membership ' || m.id"
_LAST = "max(t.end_on) FILTER (WHERE NOT t.canceled)"
_LAST_PAID = "max(t.end_on) FILTER (WHERE NOT t.canceled AND t.paid_on IS NOT NULL)"

RENEWED_THROUGH = Invariant(
    "renewed_through",
    "Renewed through is the last day of the last term that isn't canceled.",
    f"""SELECT {_WHO}, format('renewed through %%s, its terms end on %%s',
            coalesce(m.renewed_through::text, 'never'), coalesce(({_LAST} - 1)::text, 'none'))
        FROM membership_membership m
        JOIN people_party p ON p.id = m.party_id
        LEFT JOIN membership_term t ON t.membership_id = m.id
        WHERE m.organization_id = %(organization)s
        GROUP BY m.id, p.id HAVING m.renewed_through IS DISTINCT FROM {_LAST} - 1""",
)

PAID_THROUGH = Invariant(
    "paid_through",
    "Paid through is the last day of the last paid term that isn't canceled.",
    f"""SELECT {_WHO}, format('paid through %%s, its paid terms end on %%s',
            coalesce(m.paid_through::text, 'never'), coalesce(({_LAST_PAID} - 1)::text, 'none'))
        FROM membership_membership m
        JOIN people_party p ON p.id = m.party_id
        LEFT JOIN membership_term t ON t.membership_id = m.id
        WHERE m.organization_id = %(organization)s
        GROUP BY m.id, p.id HAVING m.paid_through IS DISTINCT FROM {_LAST_PAID} - 1""",
)

# Before its first term a membership may bill on any date ahead; and none may bill at all. A renewal date that staff set
# may lie beyond the last term: no term covers the days between (P-11). What the next term is billed by is the plan that
# was chosen for it, if there is one (P-27).
NEXT_BILL_ON = Invariant(
    "next_bill_on",
    "The next term that bills by itself starts after renewed through; only a subscription that goes on has one.",
    f"""SELECT {_WHO}, format('next bill on %%s, renewed through %%s, %%s, %%s%%s', m.next_bill_on,
            coalesce(m.renewed_through::text, 'never'), m.state, l.kind,
            coalesce(', canceled on ' || m.cancel_on, ''))
        FROM membership_membership m
        JOIN people_party p ON p.id = m.party_id JOIN membership_plan l ON l.id = coalesce(m.next_plan_id, m.plan_id)
        WHERE m.organization_id = %(organization)s AND m.next_bill_on IS NOT NULL
          AND (m.next_bill_on <= m.renewed_through OR m.state = 'ended' OR l.kind <> 'subscription'
               OR m.cancel_on <= m.next_bill_on)""",
)

ENDS = Invariant(
    "ends",
    "A membership that has ended says since when and why, and neither bills nor collects by itself; one that goes on"
    " has no end, and an ending one has its day.",
    f"""SELECT {_WHO}, format('%%s, ended on %%s because “%%s”, next bill on %%s, autopay %%s, canceled on %%s',
            m.state, coalesce(m.ended_on::text, 'no day'), m.ended_because, coalesce(m.next_bill_on::text, 'none'),
            m.autopay, coalesce(m.cancel_on::text, 'no day'))
        FROM membership_membership m JOIN people_party p ON p.id = m.party_id
        WHERE m.organization_id = %(organization)s
          AND CASE WHEN m.state = 'ended' THEN m.ended_on IS NULL OR m.ended_because = '' OR m.autopay
                        OR m.next_plan_id IS NOT NULL
                   ELSE m.ended_on IS NOT NULL OR m.ended_because <> '' OR (m.state = 'ending' AND m.cancel_on IS NULL)
                   END""",
)

FOLLOWS = Invariant(
    "follows",
    "A membership follows an ended one of the same member; one that was downgraded is followed.",
    f"""SELECT {_WHO}, format('follows membership %%s, which is %%s', o.id,
            CASE WHEN o.party_id <> m.party_id THEN 'another member’s' ELSE o.state END)
        FROM membership_membership m JOIN membership_membership o ON o.id = m.follows_id
        JOIN people_party p ON p.id = m.party_id
        WHERE m.organization_id = %(organization)s AND (o.state <> 'ended' OR o.party_id <> m.party_id)
        UNION ALL
        SELECT {_WHO}, 'downgraded, and no membership follows'
        FROM membership_membership m JOIN people_party p ON p.id = m.party_id
        WHERE m.organization_id = %(organization)s AND m.ended_because = 'downgraded'
          AND NOT EXISTS (SELECT 1 FROM membership_membership n WHERE n.follows_id = m.id)""",
)

TERMS_OVERLAP = Invariant(
    "terms_overlap",
    "No two terms of a membership cover the same day.",
    f"""SELECT {_WHO}, format('the term from %%s starts before an earlier one ends on %%s', t.start_on, t.covered - 1)
        FROM (SELECT membership_id, start_on,
                     max(end_on) OVER (PARTITION BY membership_id ORDER BY start_on, end_on
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
              FROM membership_term WHERE organization_id = %(organization)s AND NOT canceled) t
        JOIN membership_membership m ON m.id = t.membership_id JOIN people_party p ON p.id = m.party_id
        WHERE t.covered > t.start_on""",
)

# That a fee is owed once a term the database refuses to break (invoicing: owed_once).
TERMS_BILLED = Invariant(
    "terms_billed",
    "A billed term has its receivables, of its dates and its amount; dues are owed for terms only.",
    f"""SELECT {_WHO}, CASE
            WHEN t.membership_id IS NULL THEN format('dues of %%s from %%s on, for no term', r.owed, r.start_on)
            WHEN r.source_id IS NULL THEN format('nothing is owed for the term from %%s, billed with %%s',
                                                 t.start_on, t.amount_minor)
            ELSE format('the term %%s to %%s is billed with %%s; its dues to %%s are %%s',
                        t.start_on, t.end_on, t.amount_minor, r.end_on, r.owed) END
        FROM (SELECT membership_id, start_on, end_on, amount_minor FROM membership_term
              WHERE organization_id = %(organization)s AND NOT canceled
                AND source IN ('join', 'renewal', 'run', 'switch')) t
        FULL JOIN (SELECT source_id, period_start AS start_on, max(period_end) AS end_on, sum(amount_minor) AS owed,
                          min(period_end) < max(period_end) AS mixed
                   FROM invoicing_receivable
                   WHERE organization_id = %(organization)s AND kind = 'dues' AND state <> 'canceled' GROUP BY 1, 2) r
          ON r.source_id = t.membership_id AND r.start_on = t.start_on
        LEFT JOIN membership_membership m ON m.id = coalesce(t.membership_id, r.source_id)
        LEFT JOIN people_party p ON p.id = m.party_id
        WHERE r.source_id IS NULL OR r.owed <> t.amount_minor OR r.end_on <> t.end_on OR r.mixed
           OR (t.membership_id IS NULL AND NOT EXISTS (
                 SELECT 1 FROM membership_term c WHERE c.membership_id = r.source_id AND c.start_on = r.start_on))""",
)

INVARIANTS = (RENEWED_THROUGH, PAID_THROUGH, NEXT_BILL_ON, ENDS, FOLLOWS, TERMS_OVERLAP, TERMS_BILLED)
