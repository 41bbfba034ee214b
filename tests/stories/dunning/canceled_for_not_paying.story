story: Where the last failure ends a membership, what is owed stays owed
shows: X3 A-50

organization Loft: preset coworking, currency USD, zone America/Chicago, starts 2026-02-20
policy collect.on_exhausted = cancel
policy invoice.on_failed_attempt = keep_same
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-01, by card, autopay on
member Bob: plan Desk, next renewal 2026-03-01, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds

2026-03-03
  Bob cancels
  = case Bob closed canceled

2026-03-09
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined
  = mail to Ann: canceled
  = Ann is Canceled
  = Ann owes 200.00
  = case Ann closed canceled
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined
