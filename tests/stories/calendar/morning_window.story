story: A window in the morning, one time for all, and a plan with a time of its own
shows: X2 P-02

organization Mill Works: preset recommended, currency USD, zone Europe/Zurich
plan Desk: 200.00 every month
plan Room: 900.00 every month
member Ann: plan Desk, next renewal 2026-03-10, by card
member Bob: plan Room, next renewal 2026-03-10, by card

2026-03-10 07:59
  = invoices Ann: 0

2026-03-10 08:01
  = invoices Ann: 1
  = no attempts Ann

2026-03-10 12:00
  = attempts Ann: 2026-03-10 08:02 succeeded
  = attempts Bob: 2026-03-10 08:04 succeeded
  staff sets policy billing.slot = fixed_time(14:30)

2026-04-10 14:29
  = invoices Ann: 1

2026-04-10 14:30
  = attempts Ann: 2026-03-10 08:02 succeeded, 2026-04-10 14:30 succeeded
  = attempts Bob: 2026-03-10 08:04 succeeded, 2026-04-10 14:30 succeeded
