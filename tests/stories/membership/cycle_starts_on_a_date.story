story: The first charge comes on the day on which the billing cycle starts
shows: C-10 C-11 C-13

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2025-12-10
plan Family: 35.00 every month
member Ann: plan Family, cycle started 2026-01-01, by card

2025-12-10
  Bob joins Family by card starting 2026-01-01
  Cid joins Family by card                      # today means now
  = attempts Cid: 2025-12-10 succeeded
  = Ann next charge 35.00 on 2026-01-01
  = Bob next charge 35.00 on 2026-01-01
  = Bob is Pending

2025-12-31
  = no attempts Ann
  = no attempts Bob
  = invoices Bob: 0

2026-01-01
  = attempts Ann: 2026-01-01 succeeded
  = attempts Bob: 2026-01-01 succeeded
  = Ann is Active
  = Bob is Active
  = Bob term 2026-01-01 to 2026-01-31 35.00
  = Bob paid through 2026-01-31
  = Bob next charge 35.00 on 2026-02-01
