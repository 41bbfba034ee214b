story: Where the processor is said to retry, the simulated one makes a single attempt
shows: A-45 C-30

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card

2026-03-10
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-03-10 declined
  = Ann is "Past Due"

2026-03-30
  gateway accepts Ann
  = attempts Ann: 2026-03-10 declined

2026-03-31
  Ann pays invoice 1 by card
  = attempts Ann: 2026-03-10 declined, 2026-03-31 succeeded
  = Ann is Active
