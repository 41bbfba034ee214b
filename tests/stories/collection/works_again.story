story: A card that works again pays the term that it had failed to pay
shows: X10

organization Oak Court: preset ams_hoa, currency USD, zone America/New_York, starts 2026-01-20
plan Dues: 100.00 every month
member Ann: plan Dues, next renewal 2026-02-01, by card, autopay on
member Ben: plan Dues, next renewal 2026-02-01, by card, autopay on

2026-01-25
  gateway declines Ann insufficient_funds
  gateway declines Ben insufficient_funds

2026-02-20
  = attempts Ann: 2026-02-01 declined          # the processor's preset tries a term once
  = Ann is "Past Due"
  gateway accepts Ann

2026-03-01                                      # March succeeds, and February follows at once
  = attempts Ann: 2026-02-01 declined, 2026-03-01 succeeded, 2026-03-01 succeeded
  = Ann owes 0.00
  = Ann is Active
  = attempts Ben: 2026-02-01 declined, 2026-03-01 declined
  = Ben owes 200.00
