story: A run that is committed while the worker is down is written when it is back, once
shows: I-12 I-13

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31

2025-12-10
  worker stops
  staff generates renewals "2026" effective 2026-01-01
  = invoices Ann: 0
  = Ann renewed through 2025-12-31

2025-12-11
  worker starts
  = invoices Ann: 1
  = invoices Bob: 1
  = Ann renewed through 2026-12-31
  = run "2026": 2 billed 200.00, 0 skipped
