story: A failed renewal is tried on the 1st, 2nd, 5th and 8th
shows: P-04 P-05

plan Community: free, default
plan Desk: 200 every month
member Ann: plan Desk, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-03-01 declined
  = Ann is Delinquent

2026-03-31
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined
  = Ann is on Community
