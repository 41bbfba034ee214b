story: Monthly, quarterly and annual dues fall due a month, a quarter and a year later
shows: A-06

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Monthly: 10.00 every month
plan Quarterly: 30.00 every quarter
plan Annual: 120.00 every year

2026-01-15
  Ann joins Monthly by card
  Bob joins Quarterly by card
  Cid joins Annual by card
  = Ann next charge 10.00 on 2026-02-15
  = Bob next charge 30.00 on 2026-04-15
  = Cid next charge 120.00 on 2027-01-15

2026-02-15
  = attempts Ann: 2026-01-15 succeeded, 2026-02-15 succeeded
  = attempts Bob: 2026-01-15 succeeded

2026-04-15
  = attempts Bob: 2026-01-15 succeeded, 2026-04-15 succeeded

2027-01-14
  = attempts Cid: 2026-01-15 succeeded

2027-01-15
  = attempts Cid: 2026-01-15 succeeded, 2027-01-15 succeeded
  = Cid paid through 2028-01-14
