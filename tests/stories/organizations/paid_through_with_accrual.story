story: With accrual, paid through moves at billing or when its item is paid, and goes back with the invoice
shows: G-12 G-15 G-16 X18

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
policy paid_through.on = billed
plan Regular: 100.00 every year
fee Magazine: 30.00 on Regular
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  = Ann paid through 2026-12-31
  = Ann renewed through 2026-12-31
  = Bob paid through 2026-12-31

2026-01-02
  staff voids invoice 1
  = Ann paid through 2025-12-31
  = Bob paid through 2026-12-31
  = invoice 1 void 130.00

2026-12-20
  staff sets policy paid_through.on = line_paid
  staff generates renewals "2027" effective 2027-01-01
  = Bob paid through 2026-12-31

2026-12-21
  Bob pays 130.00 by check for invoice 2
  Bob pays 100.00 by check
  = Bob paid through 2027-12-31                 # the item is paid; the magazine isn't
  = Bob owes 30.00
