"""Renewal runs: what was previewed and committed is what was written, once, for everybody."""

from paidthru.invariants.invariant import Invariant

# A document that follows one whose payment failed keeps the run of the first, which is the one that the run made.
RUNS_BILLED = Invariant(
    "runs_billed",
    "A run that is done made one invoice for each member it billed, of the amount it proposed.",
    """SELECT format('run “%%s”', r.name), format('%%s billed; %%s proposals of %%s, %%s invoices of %%s',
           r.billed, coalesce(p.n, 0), coalesce(p.total, 0), coalesce(i.n, 0), coalesce(i.total, 0))
       FROM membership_billingrun r
       LEFT JOIN (SELECT run_id, count(*) AS n, sum(total_minor) AS total FROM membership_runitem
                  WHERE organization_id = %(organization)s AND reason = '' AND outcome = '' GROUP BY 1) p
         ON p.run_id = r.id
       LEFT JOIN (SELECT run_id, count(*) AS n, sum(total_minor) AS total FROM invoicing_invoice
                  WHERE organization_id = %(organization)s AND run_id IS NOT NULL AND first_id IS NULL GROUP BY 1) i
         ON i.run_id = r.id
       WHERE r.organization_id = %(organization)s AND r.state = 'done'
         AND (r.billed <> coalesce(p.n, 0) OR r.billed <> coalesce(i.n, 0)
              OR coalesce(p.total, 0) <> coalesce(i.total, 0))""",
)

# An automatic run that bills nobody is done without ever being committed; its slices were only previewed.
RUNS_COMPLETE = Invariant(
    "runs_complete",
    "A committed run that is done has every slice written.",
    """SELECT format('run “%%s”', r.name), format('%%s slices are not written, the first from member %%s on',
           count(*), min(c.first_seq))
       FROM membership_billingrun r JOIN membership_runchunk c ON c.run_id = r.id
       WHERE r.organization_id = %(organization)s AND r.state = 'done' AND r.committed_at IS NOT NULL AND NOT c.done
       GROUP BY r.id, r.name""",
)

INVARIANTS = (RUNS_BILLED, RUNS_COMPLETE)
