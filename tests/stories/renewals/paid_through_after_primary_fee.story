story: Paid through moves when the primary fee is paid in full, and only then
shows: I-18 I-19

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
fee Building Fund: 20.00 on Regular, voluntary
fee Newsletter: 15.00 on Regular
member Ann: plan Regular, paid through 2025-12-31

2026-01-02
  staff generates renewals "2026" effective 2026-01-01
  = invoice 1 overdue 135.00 balance 135.00
  = Ann owes 115.00                             # a voluntary contribution is not owed
  = Ann renewed through 2026-12-31

2026-01-10
  Ann pays 99.00 by check                       # the primary fee comes first
  = Ann paid through 2025-12-31
  = Ann is Inactive

2026-01-20
  Ann pays 1.00 by cash
  = Ann paid through 2026-12-31
  = Ann is Active
  = Ann owes 15.00

2026-01-25
  Ann pays 35.00 by check
  = Ann owes 0.00
  = invoice 1 paid 135.00 balance 0.00
  = ledger
      Undeposited        135.00
      Income:Dues       -115.00
      Income:Donations   -20.00
