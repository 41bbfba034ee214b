story: What is owed longest is collected first, where the policy says so
shows: I-38

organization Choir: preset recommended, currency USD, zone America/New_York
policy collect.on_exhausted = stay_past_due
policy collect.offsets = [0, 20, 20]
plan Monthly: 20.00 every month
member Ann: plan Monthly, next renewal 2026-06-15, by card

2026-06-15
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-06-15 declined

2026-07-10
  = attempts Ann: 2026-06-15 declined, 2026-07-05 declined

2026-07-16                                      # July fell due on the 15th, and waits for June
  gateway accepts Ann
  = invoice 2 waits: earlier_first
  = attempts Ann: 2026-06-15 declined, 2026-07-05 declined

2026-07-25
  = attempts Ann: 2026-06-15 declined, 2026-07-05 declined, 2026-07-25 succeeded, 2026-07-25 succeeded
  = Ann owes 0.00
