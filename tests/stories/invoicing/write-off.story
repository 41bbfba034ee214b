story: What nobody expects to be paid is written off, and taken when it comes all the same
shows: X3 X12

organization Tool Library: preset recommended, currency USD, zone America/New_York
policy accounting.defer = all
plan Regular: 120.00 every year
member Ann: plan Regular, joined 2024-01-01, paid through 2024-12-31
member Ben: plan Regular, joined 2024-01-01, paid through 2024-12-31

2025-01-01
  = invoice 1 sent 120.00
  = invoice 2 sent 120.00

2025-03-15 10:00
  staff writes off invoice 1 because "moved away"
  = Ann owes 0.00
  = Ann paid through 2024-12-31
  = invoice 1 uncollectible 120.00 balance 0.00
  = ledger
      Receivable:Ann   0.00
      Bad debt        20.00
  staff voids invoice 1 -> refused invoice_closed
  staff writes off invoice 1 -> refused invoice_closed
  staff writes off invoice 2 200.00 -> refused amount_invalid
  staff writes off invoice 2 20.00 because "goodwill"
  = invoice 2 overdue 120.00 balance 100.00
  = Ben owes 100.00

2025-04-02 10:00
  Ann pays 50.00 by check for invoice 1
  = payment 1 50.00 succeeded
  = Ann credit 0.00
  = Ann owes 0.00
  = Ann paid through 2024-12-31
  = invoice 1 uncollectible 120.00
  = ledger
      Receivable:Ann   0.00
      Undeposited     50.00
      Bad debt         0.00
      Deferred      -102.00
  Ben pays 100.00 by check for invoice 2
  = invoice 2 uncollectible 120.00
  Ann pays 80.00 by check for invoice 1
  = invoice 1 paid 120.00
  = Ann credit 10.00
  = Ann paid through 2025-12-31
  = ledger
      Bad debt         0.00
      Deferred      -172.00

2025-12-31 23:55
  = ledger
      Bad debt         0.00
      Deferred         0.00
      Income:Dues   -220.00
