story: An old link, a closed invoice and a late answer all pay what is owed, once
shows: X26 P-07 P-08 P-15 P-16

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles
plan Desk: 100.00 every month
plan Community: free, default
member Ann: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Ben: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Cleo: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Dan: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on

2025-12-31
  gateway declines Ann insufficient_funds
  gateway declines Ben insufficient_funds
  gateway declines Cleo insufficient_funds
  gateway declines Dan insufficient_funds

2026-01-01
  = invoices Ann: 1
  = invoice 1 closed 100.00

2026-01-03 10:00
  = invoices Ann: 2
  gateway accepts Ann
  Ann pays invoice 1
  = invoices Ann: 3
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 succeeded
  = Ann owes 0.00
  = Ann paid through 2026-01-31
  Ann pays invoice 1 -> refused invoice_closed

2026-01-03 10:20
  gateway accepts Ben
  Ben updates card

2026-01-03 11:20
  = attempts Ben: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 succeeded
  = invoices Ben: 3
  = Ben is Active

2026-01-03 12:00
  Cleo pays 60.00 by check
  = Cleo owes 40.00
  = invoices Cleo: 3
  Cleo pays 40.00 by check for invoice 3 -> refused invoice_closed
  Cleo pays 40.00 by check
  = Cleo owes 0.00
  = Cleo paid through 2026-01-31

2026-01-10
  = attempts Dan: 2026-01-01 declined, 2026-01-02 declined, 2026-01-05 declined, 2026-01-08 declined
  = invoices Dan: 4
  = attempts Cleo: 2026-01-01 declined, 2026-01-02 declined
