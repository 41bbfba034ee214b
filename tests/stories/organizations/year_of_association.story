story: A year of an association
shows: I-02 I-10 I-18 I-19 I-26 I-28 I-38 I-44 I-45 G-05 G-17 G-22 X1 X3 X10

organization "Guild": preset association, currency USD, zone America/New_York, fiscal year starts 1
plan Regular: 200.00 every year
plan Senior: 120.00 every year
fee Journal: 30.00 on Regular
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card, autopay on
member Cid: plan Regular, paid through 2025-12-31
member Dee: plan Senior, paid through 2025-12-31, by card, autopay on
member Eli: plan Senior, paid through 2026-12-31

2025-12-01
  gateway declines Bob insufficient_funds
  staff generates renewals "2026" effective 2026-01-01
  = run "2026": 4 billed 810.00, 1 skipped
  = skipped Eli not_due
  = Ann renewed through 2026-12-31
  = Ann paid through 2025-12-31
  = no attempts Ann

2026-01-01
  staff reviews "2026"
  staff submits invoices
  = Ann paid through 2026-12-31
  = Dee paid through 2026-12-31
  = attempts Bob: 2026-01-01 declined
  = Bob is Inactive
  = Cid is Inactive
  = no mail to Cid

2026-01-08
  staff submits invoices

2026-01-15
  staff submits invoices
  = submit list: empty
  = attempts Bob: 2026-01-01 declined, 2026-01-08 declined, 2026-01-15 declined

2026-02-01
  Cid pays 199.99 by check
  = Cid paid through 2025-12-31
  Cid pays 30.01 by check
  = Cid paid through 2026-12-31
  = Cid is Active

2026-02-10
  gateway accepts Bob
  staff allows another attempt on invoice 2
  staff submits invoices
  = Bob paid through 2026-12-31
  = Bob is Active

# Dee moves to Regular with the next renewal, Ann leaves: nothing of hers is billed again.
2026-06-01
  staff switches Dee to Regular
  staff cancels Ann

2026-12-01
  staff generates renewals "2027" effective 2027-01-01
  = run "2027": 4 billed 810.00, 1 skipped
  = skipped Ann canceled
  = Dee renewed through 2027-12-31

2027-01-01
  = Ann is Canceled
  staff reviews "2027"
  staff submits invoices
  = Dee is on Regular
  = Dee paid through 2027-12-31
