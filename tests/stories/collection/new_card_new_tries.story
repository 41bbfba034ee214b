story: A new card opens new tries
shows: I-26

organization Maple Club: preset association, currency USD, zone America/New_York
policy collect.max_attempts = 1
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  gateway declines Ann insufficient_funds
  staff submits invoices
  = submit list: empty

2026-01-08
  Ann updates card
  gateway accepts Ann
  = submit list: invoice 1
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-08 succeeded
