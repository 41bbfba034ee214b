story: A payment that is missed makes a member past due on the day after
shows: C-18 A-07

organization Harbor Club: preset recommended, currency USD, zone America/New_York
plan Regular: 50.00 every month
member Ann: plan Regular, next renewal 2026-03-10
member Bob: plan Regular, next renewal 2026-03-10, by card

2026-03-10
  = Ann is Active
  = Ann owes 50.00
  = Bob is Active

2026-03-11
  = Ann is Past Due
  = Bob is Active

2026-03-15
  Ann pays 50.00 by check
  = Ann is Active
  = Ann paid through 2026-04-09
