story: A new card while a payment is overdue is charged within the hour, once
shows: P-15

organization Loft: preset coworking, currency USD, zone America/Chicago
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-01, by card
member Bob: plan Desk, next renewal 2026-03-01

2026-03-01
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-03-01 00:15 declined
  = no attempts Bob

2026-03-03 10:20
  Ann updates card
  gateway accepts Ann

2026-03-03 11:20
  = Ann is Active
  = Ann owes 0.00
  = payment 1 200.00 succeeded

2026-03-20
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-03 succeeded
  = Ann credit 0.00
