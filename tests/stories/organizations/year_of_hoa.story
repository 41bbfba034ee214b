story: A year of a homeowner association
shows: A-06 A-48 X3 X6 X10

organization "Oak Court": preset ams_hoa, currency USD, zone America/Phoenix, fiscal year starts 1
plan House: 150.00 every month
plan Flat: 300.00 every quarter
member Ann: plan House, next renewal 2026-01-01, by card
member Bob: plan House, next renewal 2026-01-01, by card
member Cid: plan Flat, next renewal 2026-01-01

2026-01-01
  = attempts Ann: 2026-01-01 succeeded
  = Cid owes 300.00
  = Cid is Active

2026-01-10
  Cid pays 300.00 by check
  = Cid paid through 2026-03-31

2026-01-31
  gateway declines Bob insufficient_funds

2026-02-01
  = attempts Bob: 2026-01-01 succeeded, 2026-02-01 declined
  = Bob is Active

2026-02-04
  = mail to Bob: reminder

2026-02-15
  = mail to Bob: final_notice
  = Bob is "Past Due"

# Nobody lapses out of a house; the oldest debt is collected first.
2026-03-20
  = Bob is "Past Due"
  = Bob owes 300.00
  gateway accepts Bob
  Bob updates card

2026-03-22
  = Bob owes 0.00
  = Bob is Active
  = Bob paid through 2026-03-31

2026-12-31
  = Ann paid through 2026-12-31
  = Ann next charge 150.00 on 2027-01-01
