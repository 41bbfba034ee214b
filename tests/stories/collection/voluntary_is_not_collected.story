story: What nobody owes is not collected by itself
shows: I-03 I-19

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
fee Journal: 15.00 on Regular
fee "Youth Fund": 5.00 on Regular, voluntary
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-20
  staff generates renewals "2026" effective 2026-01-01
  = invoice 1 sent 120.00 balance 120.00
  = Ann owes 115.00

2026-01-01
  staff submits invoices due by 2026-01-01
  = payment 1 115.00 succeeded
  = Ann paid through 2026-12-31
  = Ann owes 0.00
  = invoice 1 sent 120.00 balance 5.00
  = submit list empty

2026-01-05
  Ann pays 5.00 by cash for invoice 1
  = invoice 1 paid 120.00
  = ledger
      Income:Dues -115.00
      Income:Donations -5.00
