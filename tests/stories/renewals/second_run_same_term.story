story: A second run over the same term bills nobody twice
shows: I-09 I-18

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31

2025-12-10
  staff generates renewals "First" effective 2026-01-01
  Ann pays 100.00 by check

2025-12-20
  Cid joins Regular starting 2026-01-05
  staff generates renewals "Second" effective 2026-01-01 -> refused run_bills_nobody
  = run "Second": 0 billed 0.00, 3 skipped
  = skipped Ann not_due                         # paid through 2026 already
  = skipped Bob already_billed
  = skipped Cid already_billed                  # invoiced when he joined
  = invoices Ann: 1
  = invoices Bob: 1
  = invoices Cid: 1
