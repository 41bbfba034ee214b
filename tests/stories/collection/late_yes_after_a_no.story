story: An answer that comes after the invoice was closed pays the document that stands for it now
shows: X4 X26 P-18

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles
plan Desk: 100.00 every month
plan Community: free, default
member Ann: plan Desk, joined 2025-06-01, paid through 2025-12-31, by bank account, autopay on

2026-01-01
  = attempts Ann: 2026-01-01 processing
  = invoice 1 sent 100.00

2026-01-06 15:00
  gateway answers for Ann failed R01
  = invoice 1 closed 100.00
  = invoices Ann: 1
  = Ann is Delinquent

2026-01-08
  = attempts Ann: 2026-01-01 declined, 2026-01-07 processing
  = invoice 2 overdue 100.00 balance 100.00
  = Ann owes 100.00

2026-01-09 09:00
  staff voids invoice 1 -> refused invoice_closed
  Ann pays invoice 1 -> refused payment_in_progress
  gateway answers for Ann succeeded
  = invoice 2 paid 100.00
  = Ann owes 0.00
  = invoices Ann: 2

2026-01-12 09:00
  gateway returns payment 1 R01
  = Ann owes 100.00
  = invoice 2 overdue 100.00 balance 100.00
  = invoices Ann: 2
