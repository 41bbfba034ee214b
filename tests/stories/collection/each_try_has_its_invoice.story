story: Each try has an invoice of its own; what is owed is counted once
shows: X4 P-05 P-06 P-07 P-08

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles
policy collect.on_exhausted = stay_past_due
plan Desk: 100.00 every month
member Ann: plan Desk, joined 2025-06-01, paid through 2025-12-31, by card, autopay on

2025-12-31
  gateway declines Ann insufficient_funds

2026-01-01
  = invoice 1 closed 100.00 balance 0.00
  = invoices Ann: 1
  = Ann owes 100.00
  = Ann is Delinquent

2026-01-02
  = invoice 2 closed 100.00
  = Ann owes 100.00

2026-01-03 12:00
  staff voids invoice 1 -> refused invoice_closed
  staff credits invoice 2 10.00 -> refused invoice_closed
  staff voids invoice 2 -> refused invoice_closed
  = invoices Ann: 2

2026-01-31
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined, 2026-01-05 declined, 2026-01-08 declined
  = invoices Ann: 4
  = invoice 4 closed 100.00
  = Ann owes 100.00
  = ledger
      Receivable:Ann  100.00

2026-02-10 09:00
  = invoices Ann: 8
  = Ann owes 200.00
  gateway accepts Ann
  Ann pays invoice 1 -> refused attempts_exhausted
  = invoices Ann: 8
  staff allows another attempt on invoice 4
  Ann pays invoice 1
  = payment 1 100.00 succeeded
  = invoice 9 paid 100.00
  = Ann owes 100.00
  Ann pays 130.00 by cash
  = invoice 10 paid 100.00
  = Ann credit 30.00
  = ledger
      Receivable:Ann    0.00
      Credit:Ann      -30.00
      Clearing        100.00
      Undeposited     130.00
