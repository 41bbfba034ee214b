story: A year of a coworking space
shows: P-01 P-02 P-04 P-05 P-06 P-07 P-08 P-09 P-10 P-11 P-12 P-13 P-15 P-17 P-19 P-20 P-21 P-23 P-24 P-27 P-28 P-30 P-31 X4 X8 X9 X15

organization Loft: preset coworking, currency USD, zone America/Denver, starts 2026-01-01
plan "Community Member": free, default
plan Desk: 200.00 every month
plan Office: 500.00 every month
plan "Event Space": 900.00 every year, non-recurring
member Ann: plan Desk, next renewal 2026-01-15, by card
member Bob: plan Desk, next renewal 2026-03-01, by card
member Cid: plan Desk, next renewal 2026-01-10, by card
member Dee: plan Office, next renewal 2026-01-20, by card
member Eve: plan Desk, next renewal 2026-06-01, by card
member Fay: plan Desk, next renewal 2026-08-01, by card
member Gus: plan Desk, next renewal 2026-10-05, by card

# Everybody is billed on their own renewal date, without staff (P-01).
2026-01-20
  = attempts Ann: 2026-01-15 succeeded
  = attempts Cid: 2026-01-10 succeeded
  = attempts Dee: 2026-01-20 succeeded
  = Ann is Active
  = Ann paid through 2026-02-14
  = Ann next charge 200.00 on 2026-02-15
  = no attempts Bob

# Staff change Cid's membership: nothing is billed before the renewal date, then the new price (P-27).
2026-01-25
  staff switches Cid to Office
  = attempts Cid: 2026-01-10 succeeded
  = Cid next charge 500.00 on 2026-02-10

2026-02-10
  = attempts Cid: 2026-01-10 succeeded, 2026-02-10 succeeded
  = Cid is on Office
  = Cid term 2026-02-10 to 2026-03-09 500.00

# Bob's card is declined: the 1st, 2nd, 5th and 8th, each with an invoice of its own; then the default membership.
2026-02-28
  gateway declines Bob insufficient_funds

2026-03-01
  = Bob is Delinquent
  = Bob owes 200.00
  = mail to Bob: payment_failed

2026-03-04
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined
  = Bob is on Desk

2026-03-08
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined
  = invoices Bob: 4
  = Bob is on "Community Member"
  = Bob is Active
  = Bob owes 0.00
  = Bob no next charge
  = mail to Bob: downgraded

2026-04-15
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-08 declined

# Dee cancels: no more billing, and the default membership on the cancellation date (P-17).
2026-05-02
  Dee cancels
  = Dee is "Pending Cancellation"
  = Dee no next charge

2026-05-10
  Dee undoes cancellation
  = Dee is Active
  = Dee next charge 500.00 on 2026-05-20

2026-05-21
  staff cancels Dee on 2026-06-20

2026-06-20
  = Dee is on "Community Member"
  = Dee no next charge

# Eve's payment source is updated while she is delinquent: charged within the hour (P-15).
2026-06-21
  gateway declines Eve insufficient_funds

2026-07-01
  = Eve is Delinquent
  = attempts Eve: 2026-06-01 succeeded, 2026-07-01 declined

2026-07-02 00:00
  gateway accepts Eve
  Eve updates card

2026-07-03
  = attempts Eve: 2026-06-01 succeeded, 2026-07-01 declined, 2026-07-02 succeeded
  = Eve is Active
  = Eve next charge 200.00 on 2026-08-01

# Fay pays in between: a custom charge, the renewal date into the future, and Active (P-10, P-11).
2026-07-31
  gateway declines Fay insufficient_funds

2026-08-01
  = Fay is Delinquent

2026-08-03 10:20
  gateway accepts Fay
  staff charges Fay 200.00 for "August"
  staff sets Fay renewal date 2026-09-01
  staff sets Fay active

2026-08-20
  = Fay is Active
  = attempts Fay: 2026-08-01 declined, 2026-08-02 declined, 2026-08-03 succeeded
  = Fay next charge 200.00 on 2026-09-01

2026-09-01
  = attempts Fay: 2026-08-01 declined, 2026-08-02 declined, 2026-08-03 succeeded, 2026-09-01 succeeded

# Gus signs up for the Office himself: charged at once, what he has paid is not taken into account (P-28, P-31).
2026-10-07 09:00
  Gus switches to Office
  = attempts Gus: 2026-10-05 succeeded, 2026-10-07 succeeded
  = Gus is on Office

# Billed today: the renewal date is set to yesterday, and charged at the top of the hour (P-30).
2026-10-08 10:20
  staff sets Ann renewal date 2026-10-07

2026-10-08 11:00
  = Ann next charge 200.00 on 2026-11-07

# Changed to a membership that does not recur: nothing is billed, then or later (P-23, P-24).
2026-10-20
  staff switches Ann to "Event Space"

2026-12-31
  = Ann no next charge
  = revenue this year 14300.00
