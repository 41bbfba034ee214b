story: Whether a renewal date in the past is charged is asked first, or it has no effect without a run
shows: X11 P-14

organization Harbor Club: preset recommended, currency USD, zone America/New_York, starts 2026-03-01
plan Basic: 30.00 every month
member Ann: plan Basic, next renewal 2026-03-15, by card
member Bob: plan Basic, next renewal 2026-03-15, by card

2026-03-05
  staff sets Ann renewal date 2026-03-01 -> refused past_date
  staff sets Ann renewal date 2026-04-10        # paid until the new date
  = no attempts Ann
  = Ann next charge 30.00 on 2026-04-10
  = Ann paid through 2026-04-09
  staff sets Bob renewal date 2026-03-10
  = Bob paid through 2026-03-09

2026-03-10
  = attempts Bob: 2026-03-10 succeeded
  = Bob term 2026-03-10 to 2026-04-09 30.00

2026-04-10
  = attempts Ann: 2026-04-10 succeeded
  = Ann term 2026-04-10 to 2026-05-09 30.00
  = Bob next charge 30.00 on 2026-05-10

2026-04-20
  staff sets policy billing.past_date = ignore
  staff sets Ann renewal date 2026-04-02        # only the anchor
  = attempts Ann: 2026-04-10 succeeded
  = Ann next charge 30.00 on 2026-06-02
