story: Dues billed ahead are earned month by month
shows: G-10

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  = ledger
      Receivable   100.00
      Deferred    -100.00
      Income:Dues    0.00

2026-01-31
  = ledger
      Deferred     -91.66
      Income:Dues   -8.34

2026-12-31
  = ledger
      Receivable   100.00
      Deferred       0.00
      Income:Dues -100.00
