story: What was previewed is committed, or refused when the world has changed since
shows: I-13

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31

2025-12-10
  staff previews renewals "2026" effective 2026-01-01
  = run "2026": 2 billed 200.00, 0 skipped
  = invoices Ann: 0                             # a preview bills nobody
  = Ann renewed through 2025-12-31

2025-12-11
  staff changes Regular price to 120.00
  staff generates renewals "2026" effective 2026-01-01 -> refused preview_stale
  = invoices Ann: 0
  staff previews renewals "2026" effective 2026-01-01
  = run "2026": 2 billed 240.00, 0 skipped

2025-12-12
  Bob pays 120.00 by check                      # ahead of his bill, as credit: the run is still as read
  staff generates renewals "2026" effective 2026-01-01
  = run "2026": 2 billed 240.00, 0 skipped
  = Ann owes 120.00
  = Bob owes 0.00
  = Bob paid through 2026-12-31
