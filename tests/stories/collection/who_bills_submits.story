story: Who starts billing submits as well, unless that is decided apart
shows: I-71 X1

organization Maple Club: preset association, currency USD, zone America/New_York
policy billing.trigger = auto
policy invoice.review = none
policy batch.post = auto
plan Regular: 100.00 every year
member Ann: plan Regular, by card, autopay on, paid through 2025-12-31
member Bob: plan Regular, by card, autopay on, paid through 2026-12-31

2025-12-31
  = policy collect.submit from preset = daily
  = invoices Ann: 0

2026-01-01
  = attempts Ann: 2026-01-01 succeeded
  = Ann paid through 2026-12-31

2026-12-30
  staff sets policy collect.submit = by_hand
  = invoices Ann: 1

2027-01-01
  = Ann owes 100.00
  = attempts Ann: 2026-01-01 succeeded
  = submit list: invoice 2, invoice 3
