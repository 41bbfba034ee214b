story: A prepaid plan that runs is extended by a further term
shows: C-24 C-02

organization Riverside: preset community, currency USD, zone America/New_York, starts 2026-01-01
plan Pass: 120.00 every month, prepaid

2026-01-31
  Ann joins Pass by card
  = Ann term 2026-01-31 to 2026-02-27

2026-02-10
  Ann joins Pass by card
  = Ann term 2026-02-28 to 2026-03-27 120.00
  = Ann paid through 2026-03-27
  = attempts Ann: 2026-01-31 succeeded, 2026-02-10 succeeded
  = Ann no next charge
  Ann joins Pass                                # not paid yet: no third term before it is
  Ann joins Pass -> refused already_a_member

2026-03-20
  = Ann owes 120.00
