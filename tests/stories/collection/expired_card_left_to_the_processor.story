story: Where expired cards are the processor's matter, nothing here holds them
shows: I-28 A-46 C-49

organization Helpers: preset ams_nonprofit, currency USD, zone America/New_York
plan Basic: 120.00 every year
plan Patron: 500.00 every year
policy collect.offsets = [0, 3]
member Ann: plan Basic, by card, autopay on, paid through 2026-02-28
member Bob: plan Patron, by card, autopay on, paid through 2026-02-28

2026-03-01
  gateway declines Ann expired_card
  gateway declines Bob expired_card
  = attempts Ann: 2026-03-01 declined

2026-03-02
  gateway accepts Ann                           # the bank had renewed it
  Ann pays invoice 1 by card
  = attempts Ann: 2026-03-01 declined, 2026-03-02 succeeded
  = Ann owes 0.00

2026-03-10
  = attempts Bob: 2026-03-01 declined, 2026-03-04 declined
