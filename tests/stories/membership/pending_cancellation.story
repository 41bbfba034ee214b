story: Pending Cancellation: no further billing, then the default plan
shows: P-17 P-19 P-20 P-21 X8

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles, starts 2026-02-01
plan Community: free, default
plan Desk: 200.00 every month
plan Office: 500.00 every month
member Ann: plan Desk, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Bob: plan Desk, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Cid: plan Office, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Eve: plan Desk, joined 2026-01-01, paid through 2026-01-31, by card, autopay on

2026-02-10
  = Ann is Active
  Ann cancels on 2026-03-15                     # the renewal on March 1 lies before it
  Bob cancels
  Cid cancels
  Eve cancels on 2026-02-01 -> refused past_date
  = Ann is Pending Cancellation
  = Bob is Pending Cancellation
  = Ann is on Desk
  = Ann no next charge
  = mail to Bob: canceled

2026-02-20
  Cid undoes cancellation
  gateway declines Eve insufficient_funds
  = Cid is Active
  = Cid next charge 500.00 on 2026-03-01

2026-03-02
  = Bob is on Community
  = Bob is Active
  = mail to Bob: downgraded
  = Cid paid through 2026-03-31
  = Ann is Pending Cancellation
  = attempts Ann: 2026-02-01 succeeded
  = Eve is Delinquent

2026-03-03
  staff cancels Eve on 2026-03-20               # while delinquent: the tries stop
  = Eve is Pending Cancellation
  = Eve owes 200.00

2026-03-15
  = Ann is on Community
  = Ann no next charge

2026-03-20
  = Eve is on Community
  = Eve owes 0.00                               # written off with the downgrade
  = attempts Eve: 2026-02-01 succeeded, 2026-03-01 declined, 2026-03-02 declined

2026-04-10
  = attempts Ann: 2026-02-01 succeeded
  = attempts Bob: 2026-02-01 succeeded
  = invoices Ann: 1
