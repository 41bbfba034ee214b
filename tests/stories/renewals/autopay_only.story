story: Only those on autopay are billed when staff say so
shows: I-11

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card, autopay off
member Cid: plan Regular, paid through 2025-12-31

2025-12-10
  staff generates renewals "Autopay 2026" effective 2026-01-01 autopay only
  = run "Autopay 2026": 1 billed 100.00, 2 skipped
  = invoices Ann: 1
  = skipped Bob not_on_autopay
  = skipped Cid not_on_autopay
