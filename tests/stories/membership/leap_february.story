story: Weekly and monthly renewals over a leap February
shows: C-01

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Weekly: 5.00 every week
plan Monthly: 20.00 every month

2024-01-31
  Ann joins Weekly by card
  Bob joins Monthly by card
  = Ann next charge 5.00 on 2024-02-07
  = Bob next charge 20.00 on 2024-02-29

2024-02-29
  = attempts Ann: 2024-01-31 succeeded, 2024-02-07 succeeded, 2024-02-14 succeeded, 2024-02-21 succeeded, 2024-02-28 succeeded
  = attempts Bob: 2024-01-31 succeeded, 2024-02-29 succeeded
  = Bob next charge 20.00 on 2024-03-31         # counted from the 31st, not from the 29th

2024-03-31
  = Ann term 2024-03-27 to 2024-04-02 5.00
  = Bob term 2024-03-31 to 2024-04-29 20.00
