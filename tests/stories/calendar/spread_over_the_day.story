story: Each member is charged at a time of day of their own, the same every month
shows: P-01 P-02 P-03 X2

organization Loft: preset coworking, currency USD, zone America/New_York
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-02-08, by card
member Bob: plan Desk, next renewal 2026-02-08, by card
member Cid: plan Desk, next renewal 2026-02-08, by card

2026-02-07
  = no attempts Ann

2026-02-08 00:05
  = invoices Ann: 1                                  # the day's terms are billed as the window opens,
  = no attempts Ann                                  # and each is charged at their own time
  = no attempts Cid

2026-02-08
  = attempts Ann: 2026-02-08 00:15 succeeded
  = attempts Bob: 2026-02-08 00:30 succeeded
  = attempts Cid: 2026-02-08 00:45 succeeded
  gateway declines Ann insufficient_funds

# On 8 March the clocks go forward.
2026-03-08
  = attempts Ann: 2026-02-08 00:15 succeeded, 2026-03-08 00:15 declined
  = attempts Bob: 2026-02-08 00:30 succeeded, 2026-03-08 00:30 succeeded
  = attempts Cid: 2026-02-08 00:45 succeeded, 2026-03-08 00:45 succeeded
  gateway accepts Ann

2026-03-09
  = attempts Ann: 2026-02-08 00:15 succeeded, 2026-03-08 00:15 declined, 2026-03-09 00:15 succeeded
