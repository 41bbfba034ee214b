story: What staff submit waits for the worker, which sends it by itself when it is back
shows: I-69 I-48

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-20
  staff generates renewals "2026" effective 2026-01-01
  staff reviews "2026"

2026-01-02
  worker stops
  staff submits invoices
  = settlement invoice 1 "Awaiting Sync"
  = submit list: empty                           # it is under way, and isn't submitted twice
  = Ann owes 100.00

2026-01-03
  = settlement invoice 1 "Awaiting Sync"
  worker starts

2026-01-04
  = settlement invoice 1 "Settled"
  = payment 1 100.00 succeeded
  = Ann owes 0.00
