story: A past due member who pays is active at once
shows: A-07

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, joined 2025-06-15, paid through 2026-02-14, by card

2026-02-15
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-02-15 declined
  = Ann is Past Due
  = Ann owes 35.00
  = Ann paid through 2026-02-14

2026-02-18 09:30
  gateway accepts Ann
  Ann pays invoice 1 by card
  = Ann is Active
  = Ann paid through 2026-03-14
  = attempts Ann: 2026-02-15 declined, 2026-02-18 09:30 succeeded
  = Ann owes 0.00
