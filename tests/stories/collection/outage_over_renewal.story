story: A renewal date missed in an outage is made up for, once
shows: P-01 C-17

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card

2026-03-09
  worker stops
  = no attempts Ann

2026-03-12
  = no attempts Ann
  worker starts

2026-03-13
  = attempts Ann: 2026-03-12 succeeded
  = Ann term 2026-03-10 to 2026-04-09 35.00     # the term itself is not moved
  = invoices Ann: 1

2026-04-10
  = attempts Ann: 2026-03-12 succeeded, 2026-04-10 succeeded
