story: Whoever agreed to it is charged for what they pledged, a member or not, where autopay covers everything
shows: X21 A-27

organization Hope: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-01-01
policy collect.offsets = [0, 1]
member Ann: by card, autopay on
member Bob: by card

2026-01-02
  Ann pledges 30.00 in 3 monthly installments from 2026-01-31
  Bob pledges 30.00 in 3 monthly installments from 2026-01-31
  staff invoices Ann: 1 x 5.00 "Book" due 2026-02-10

2026-01-31
  = attempts Ann: 2026-01-31 succeeded
  = pledge Ann 33%
  = pledge Bob 0%
  = Bob owes 10.00

2026-02-10
  = attempts Ann: 2026-01-31 succeeded, 2026-02-10 succeeded

2026-02-20
  gateway declines Ann insufficient_funds

2026-03-01
  = attempts Ann: 2026-01-31 succeeded, 2026-02-10 succeeded, 2026-02-28 declined, 2026-03-01 declined
  = Ann owes 10.00

2026-03-02
  gateway accepts Ann
  Ann pays invoice 4 by card
  = pledge Ann 67%
  = Ann owes 0.00

2026-03-31
  = pledge Ann 100%
  = no attempts Bob
