story: With accrual accounting income counts when it is billed
shows: G-10

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
policy accounting.defer = none
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  = ledger
      Receivable       100.00
      Receivable:Ann   100.00
      Income:Dues     -100.00

2026-01-20
  Ann pays 60.00 by check
  = ledger
      Undeposited       60.00
      Receivable        40.00
      Income:Dues     -100.00
