story: Pay as you go: each visit is charged, or all of a month together
shows: C-03

organization Riverside: preset coworking, currency USD, zone America/Chicago
policy visits.collect = at_cycle_end
visit price Desk: non-member 25.00, overage 12.50
plan Drop-in: 0 every month, pay as you go
member Bo: by card

2026-01-05 09:00
  Bo joins Drop-in

2026-01-06 09:00
  Bo visits Desk

2026-01-20 09:00
  Bo visits Desk
  = Bo owes 0

2026-01-31
  = Bo owes 0

2026-02-01
  = invoice 1 paid 25.00
