story: Dues that are not yet earned come out of deferred income, and the rest goes on exactly
shows: A-34 G-10

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
plan Regular: 120.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  staff reviews "2026"
  staff submits invoices due by 2026-01-01
  = payment 1 120.00 succeeded
  = ledger
      Deferred    -120.00

2026-02-28
  = ledger
      Deferred    -100.00
      Income:Dues  -20.00

2026-03-10
  staff refunds payment 1 50.05
  = ledger
      Deferred     -49.95
      Returns        0.00
      Clearing      69.95
      Receivable     0.00

2026-04-30
  = ledger
      Deferred     -39.95
      Income:Dues  -30.00

2026-05-05
  staff refunds payment 1 45.00                    # more than is not yet earned
  = ledger
      Deferred       0.00
      Returns        5.05
      Income:Dues  -30.00
      Clearing      24.95

2026-12-31
  = ledger
      Deferred       0.00
      Income:Dues  -30.00
      Returns        5.05
  = Ann paid through 2026-12-31
