story: A late fee comes once for each period, and one that was waived doesn't come again
shows: A-33

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = once(25.00, 10)
member Ann
unit 1A: share 1, owner Ann

2025-12-20
  staff assesses 1A 100.00 every month from 2026-01-01

2026-01-01
  = unit 1A owes 100.00

2026-01-11
  = unit 1A owes 100.00

2026-01-12
  = unit 1A owes 125.00
  = invoice 2 sent 25.00
  = mail to Ann: invoice
  = ledger
      Income:Fees  -25.00

2026-01-20
  Ann pays 100.00 by check for invoice 1
  staff voids invoice 2 because "first time"
  = unit 1A owes 0

2026-01-31
  = unit 1A owes 0

2026-02-20
  = unit 1A owes 125.00
  = invoices Ann: 4
