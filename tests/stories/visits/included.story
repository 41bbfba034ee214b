story: Four visits are included, the fifth is charged, and the count begins anew with the cycle
shows: C-28 C-29

organization Riverside: preset community, currency USD, zone America/Chicago
visit price Gym: non-member 15.00, overage 8.00
plan Four: 40.00 every month, includes 4 visits
member Ann: plan Four, joined 2026-01-01, paid through 2026-01-31, by card
member Cy

2026-01-05 10:00
  Ann visits
  Ann visits
  = invoices Ann: 0

2026-01-06 10:00
  Ann visits

2026-01-07 10:00
  Ann visits

2026-01-08 10:00
  Ann visits
  = invoices Ann: 0

2026-01-09 10:00
  Ann visits
  = invoice 1 paid 8.00
  = payment 1 8.00 succeeded
  = ledger
      Income:Visits  -8.00

2026-01-10 09:00
  Cy visits
  = invoice 2 sent 15.00
  = Cy owes 15.00
  = mail to Cy: invoice

2026-02-01
  = invoice 3 paid 40.00

2026-02-02 10:00
  Ann visits
  = invoices Ann: 2
