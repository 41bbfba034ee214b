story: A year with what we recommend
shows: X3 X4 X5 X6 X8 X9 X15 A-48 A-49

organization "Hill Club": preset recommended, currency EUR, zone Europe/Berlin
plan Basic: 10.00 every month
plan Full: 120.00 every year
plan Plus: 240.00 every year
member Ann: plan Basic, next renewal 2026-01-31, by card
member Bob: plan Full, next renewal 2026-02-01, by card
member Cid: plan Full, next renewal 2026-03-01, by card
member Dee: plan Full, next renewal 2026-04-01, by card

2026-01-31
  gateway declines Bob insufficient_funds
  gateway declines Cid stolen_card

# A soft decline is tried on the day itself and again 1, 3, 5 and 7 days after each failure.
2026-02-01
  = Bob is "Past Due"
  = attempts Bob: 2026-02-01 declined

2026-02-05
  = attempts Bob: 2026-02-01 declined, 2026-02-02 declined, 2026-02-05 declined
  = mail to Bob: reminder

2026-02-09
  gateway accepts Bob

2026-02-10
  = attempts Bob: 2026-02-01 declined, 2026-02-02 declined, 2026-02-05 declined, 2026-02-10 succeeded
  = Bob is Active
  = Bob paid through 2027-01-31
  = Bob next charge 120.00 on 2027-02-01

# A stolen card is not tried again; the member has thirty days.
2026-03-30
  = attempts Cid: 2026-03-01 declined
  = Cid is "Past Due"

2026-03-31
  = Cid is Lapsed
  = Cid owes 120.00

# A plan is switched at once, and what is unused is taken into account.
2026-04-02 09:00
  Dee switches to Plus

2026-04-03
  = Dee is on Plus
  = Dee paid through 2027-04-01
  = Dee credit 0.00

# Canceled, and canceled no more.
2026-06-01
  Ann cancels
  = Ann is Active
  = Ann no next charge

2026-06-10
  Ann undoes cancellation
  = Ann next charge 10.00 on 2026-06-30

2026-11-15
  Ann cancels

2026-11-30
  = Ann is Canceled

2026-12-31
  = Ann no next charge
