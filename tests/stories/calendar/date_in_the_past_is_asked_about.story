story: Where nobody is charged by a slip of the pen, a date in the past is asked about, or only a run bills it
shows: X11

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-04-20, by card

2026-04-02 10:20
  staff sets Ann renewal date 2026-04-01 -> refused past_date
  staff sets policy billing.past_date = ignore
  staff sets Ann renewal date 2026-04-01

2026-04-30
  = no attempts Ann                       # it is only where her months begin
  = Ann next charge 35.00 on 2026-05-01

2026-05-01
  = attempts Ann: 2026-05-01 succeeded
