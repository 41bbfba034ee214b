story: A price that changes on a day holds for the terms that start from then on
shows: C-48 P-27

organization Harbor Club: preset recommended, currency USD, zone America/New_York, starts 2026-03-01
plan Basic: 30.00 every month
member Ann: plan Basic, next renewal 2026-03-20, by card
member Bob: plan Basic, next renewal 2026-04-02, by card

2026-03-05
  staff changes Basic price to 36.00 from 2026-04-01
  staff changes Basic price to 40.00 from 2026-03-01 -> refused past_date
  = Ann next charge 30.00 on 2026-03-20
  = Bob next charge 36.00 on 2026-04-02
  Cid joins Basic by card
  = payment 1 30.00 succeeded

2026-03-20
  = Ann term 2026-03-20 to 2026-04-19 30.00
  = Ann next charge 36.00 on 2026-04-20

2026-04-03
  Dee joins Basic by card
  = Bob term 2026-04-02 to 2026-05-01 36.00
  = Dee term 2026-04-03 to 2026-05-02 36.00
