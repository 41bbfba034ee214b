story: A renewal date that is set into the past is charged at the top of the hour
shows: P-13 P-30 X11

organization Loft: preset coworking, currency USD, zone Asia/Kathmandu
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-04-20, by card
member Bob: plan Desk, next renewal 2026-04-20, by card

2026-04-02 10:20
  staff sets Ann renewal date 2026-04-01
  = no attempts Ann

2026-04-02 10:59
  = no attempts Ann
  = invoices Ann: 0

2026-04-02 11:00
  = attempts Ann: 2026-04-02 11:00 succeeded
  = Ann term 2026-04-01 to 2026-04-30 200.00
  = invoices Bob: 0

2026-04-03
  = invoices Ann: 1
  = Ann next charge 200.00 on 2026-05-01
