story: A failed payment can be submitted so many times and no more
shows: I-26

organization Maple Club: preset association, currency USD, zone America/New_York
policy collect.max_attempts = 2
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  gateway declines Ann insufficient_funds
  staff submits invoices
  = attempts Ann: 2026-01-01 declined
  = submit list: invoice 1

2026-01-05
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-05 declined
  = submit list: empty
  = Ann owes 100.00

2026-01-09
  gateway accepts Ann
  staff submits invoices
  Ann pays invoice 1 by card -> refused attempts_exhausted
  = attempts Ann: 2026-01-01 declined, 2026-01-05 declined

2026-01-10
  staff sets policy collect.max_attempts = 3
  = submit list: invoice 1
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-05 declined, 2026-01-10 succeeded
  = Ann paid through 2026-12-31
