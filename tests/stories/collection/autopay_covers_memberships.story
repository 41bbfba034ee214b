story: Autopay covers memberships; another charge that failed is nobody's to try again by itself
shows: I-03 X21

organization Maple Club: preset association, currency USD, zone America/New_York
policy collect.submit = daily
policy invoice.review = none
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-20
  staff generates renewals "2026" effective 2026-01-01
  gateway declines Ann insufficient_funds
  staff charges Ann 35.00 for "Lost key"
  = invoice 2 sent 35.00 balance 35.00
  = attempts Ann: 2025-12-20 declined
  gateway accepts Ann
  = submit list due by 2026-12-31: invoice 1     # she is on autopay, and the key is due: it isn't listed

2026-01-01
  = invoice 1 paid 100.00

2026-03-01
  = submit list: empty
  = invoice 2 overdue 35.00 balance 35.00
  = Ann owes 35.00
  = attempts Ann: 2025-12-20 declined, 2026-01-01 succeeded
