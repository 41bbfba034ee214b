story: A payment that failed can be tried once more on the same day
shows: A-45

organization Hope Fund: preset ams_nonprofit, currency USD, zone America/New_York
policy collect.offsets = [0, 0, 3]
plan Friend: 60.00 every year
member Ann: plan Friend, next renewal 2026-03-01, by card
member Bob: plan Friend, next renewal 2026-03-01, by card

2026-03-01 06:30
  gateway declines Bob stolen_card
  = attempts Ann: 2026-03-01 succeeded

2026-03-02
  = attempts Ann: 2026-03-01 succeeded

2027-03-01
  gateway declines Ann insufficient_funds
  = attempts Ann: 2026-03-01 06:00 succeeded, 2027-03-01 06:00 declined, 2027-03-01 07:00 declined
  # a hard decline is not tried again
  = attempts Bob: 2026-03-01 06:00 succeeded, 2027-03-01 06:00 declined

2027-03-04
  gateway accepts Ann
  = attempts Ann: 2026-03-01 06:00 succeeded, 2027-03-01 06:00 declined, 2027-03-01 07:00 declined, 2027-03-04 06:00 succeeded
  = Ann owes 0.00
