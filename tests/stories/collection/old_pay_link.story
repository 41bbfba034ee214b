story: A pay link outlives its invoice: it pays what is owed for the same, once
shows: X26 X4 A-16 P-16 I-52

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles
plan Desk: 100.00 every month
plan Community: free, default
member Ann: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Ben: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Cleo: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on
member Dan: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on

2025-12-31
  gateway declines Ann insufficient_funds
  gateway is silent for Ben
  gateway declines Cleo insufficient_funds
  gateway declines Dan insufficient_funds

2026-01-01
  = invoice 1 closed 100.00
  visitor pays invoice 2 -> refused payment_in_progress
  staff sends invoice 1 -> refused invoice_closed

2026-01-01 23:59
  staff sends invoice 2
  = mail to Ben: invoice
  = invoices Ann: 1
  = invoices Ben: 1

2026-01-03 10:00
  = invoices Ann: 2
  visitor pays invoice 1
  = invoices Ann: 3
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 succeeded
  = Ann owes 0.00
  = Ann is Active
  = Ann paid through 2026-01-31
  visitor pays invoice 1 -> refused invoice_closed
  visitor pays invoice 2 -> refused payment_in_progress

2026-01-03 11:00
  gateway answers for Ben failed insufficient_funds
  visitor pays invoice 2
  = attempts Ben: 2026-01-01 declined, 2026-01-03 succeeded
  = Ben owes 0.00
  gateway declines Ben insufficient_funds

2026-01-03 12:00
  visitor pays invoice 3 by bank account
  = attempts Cleo: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 processing
  visitor pays invoice 3 -> refused payment_in_progress
  Cleo pays invoice 3 -> refused payment_in_progress
  Cleo pays 100.00 by check

2026-01-09
  gateway answers for Cleo succeeded
  = Cleo owes 0.00
  = Cleo credit 100.00
  = attempts Cleo: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 succeeded

2026-02-01
  = attempts Ben: 2026-01-01 declined, 2026-01-03 succeeded, 2026-02-01 declined
  = Ben owes 100.00
