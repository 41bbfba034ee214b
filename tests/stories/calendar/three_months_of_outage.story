story: Three months without a worker are made up for in order, each term once
shows: A-51 C-17 P-01

organization Mill Works: preset recommended, currency USD, zone America/Denver
policy collect.arrears = all_open
plan Desk: 50.00 every month
member Ann: plan Desk, next renewal 2026-02-10, by card
member Bob: plan Desk, next renewal 2026-02-10
member Cid: plan Desk, next renewal 2026-06-01, by card

2026-02-09
  worker stops

2026-04-15
  = invoices Ann: 0
  worker starts

2026-04-16
  = invoices Ann: 3
  = Ann term 2026-04-10 to 2026-05-09 50.00
  = attempts Ann: 2026-04-15 succeeded, 2026-04-15 succeeded, 2026-04-15 succeeded
  = Ann paid through 2026-05-09
  = Ann is Active
  = invoices Bob: 3
  = Bob owes 150.00
  = no attempts Cid

2026-05-10
  = attempts Ann: 2026-04-15 succeeded, 2026-04-15 succeeded, 2026-04-15 succeeded, 2026-05-10 succeeded
  = invoices Ann: 4
