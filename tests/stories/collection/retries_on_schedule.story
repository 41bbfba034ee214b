story: A failed renewal is tried on the 1st, 2nd, 5th and 8th
shows: P-05 P-07 C-20 C-30 I-26

organization Loft: preset coworking, currency USD, zone America/Chicago
policy collect.on_exhausted = stay_past_due
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-01, by card
member Bob: plan Desk, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds
  = attempts Ann: 2026-03-01 declined
  = Ann is Delinquent
  = Ann owes 200.00

2026-03-04
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined
  gateway accepts Bob

2026-03-10
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 succeeded
  = Bob is Active
  = Bob owes 0.00
  = Ann is Delinquent
  = failed list: invoice 7
  = invoices Ann: 4

2026-03-20
  gateway accepts Ann
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined
