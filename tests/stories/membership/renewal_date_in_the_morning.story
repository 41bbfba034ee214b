story: Members are billed on their renewal date, without staff, at their own time of day
shows: P-01 P-02

organization Mill Works: preset coworking, currency USD, zone America/Denver
plan Hot Desk: 150.00 every month
member Ann: plan "Hot Desk", next renewal 2026-03-15, by card
member Bob: plan "Hot Desk", next renewal 2026-03-16, by card

2026-03-14
  = no attempts Ann

2026-03-15
  = attempts Ann: 2026-03-15 succeeded
  = no attempts Bob
  = Ann next charge 150.00 on 2026-04-15

2026-03-16
  = attempts Bob: 2026-03-16 succeeded

2026-04-15 12:00
  = attempts Ann: 2026-03-15 00:15 succeeded, 2026-04-15 00:15 succeeded      # at the same time of day
