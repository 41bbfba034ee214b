story: What staff submit by hand the schedule submits by itself
shows: I-25 I-23

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, next renewal 2026-02-01, by card
member Bob: plan Regular, next renewal 2026-02-01, by card, autopay off

2026-01-10
  staff generates renewals "Ahead" effective 2026-02-01
  = Ann next charge 100.00 on 2026-02-01
  = no attempts Ann

2026-01-31
  = submit list due by 2026-02-01: invoice 1
  = no attempts Ann

2026-02-01
  = attempts Ann: 2026-02-01 succeeded
  = no attempts Bob
  = Bob owes 100.00
  = Ann next charge 100.00 on 2027-02-01
