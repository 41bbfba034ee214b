story: A member's own try shifts no retry
shows: X5 P-05 X9

organization Loft: preset coworking, currency USD, zone America/Chicago, starts 2026-02-20
policy billing.slot = fixed_time(06:00)
plan Desk: 200.00 every month
plan Community: free, default
member Ann: plan Desk, next renewal 2026-03-01, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds

2026-03-01 15:00
  Ann pays invoice 1 by card

2026-03-05
  = attempts Ann: 2026-03-01 declined, 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined
  = Ann is on Desk

2026-03-06 10:20
  gateway accepts Ann
  Ann updates card

2026-03-06 11:20
  = attempts Ann: 2026-03-01 declined, 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-06 succeeded
  = case Ann closed paid
  = Ann is Active
  = Ann is on Desk
