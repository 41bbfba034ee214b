story: Four failures move a member to the default plan
shows: P-04 P-05 X3

organization Loft: preset coworking, currency USD, zone America/Chicago, starts 2026-02-20
plan Desk: 200.00 every month
plan Community: free, default
member Ann: plan Desk, next renewal 2026-03-01, by card, autopay on
member Bob: plan Desk, next renewal 2026-03-01, by card, autopay on
member Cy: plan Desk, next renewal 2026-03-01

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds

2026-03-01
  = mail to Ann: payment_failed
  = Ann is Delinquent

2026-03-07
  gateway accepts Bob
  = Ann is on Desk
  = mail to Ann: payment_failed twice

2026-03-08
  = mail to Ann: payment_failed, downgraded
  = Ann is on Community
  = Ann owes 0.00
  = Bob is on Desk
  = Bob is Active
  = Cy is on Community
  = mail to Bob: receipt

2026-05-31
  = no mail to Ann
  = Ann is on Community
