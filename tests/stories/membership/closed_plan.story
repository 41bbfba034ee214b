story: Nobody joins a closed plan, and its members renew as before
shows: A-04

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Founders: 50.00 every year, closed
member Ann: plan Founders, next renewal 2026-02-01, by card

2026-01-15
  Bob joins Founders by card -> refused plan_closed
  = Bob has no membership
  = no attempts Bob

2026-02-01
  = attempts Ann: 2026-02-01 succeeded
