story: A refund that came back is the payment's again
shows: A-36

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
plan Regular: 120.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  staff reviews "2026"
  staff submits invoices due by 2026-01-01
  = payment 1 120.00 succeeded

2026-02-10
  staff refunds payment 1
  = refund 1 120.00 done
  = payment 1 120.00 refunded
  = ledger
      Clearing     0.00
      Deferred     0.00
      Income:Dues  -10.00
      Returns       10.00

2026-04-02
  gateway answers refund of payment 1 failed account_closed
  = refund 1 120.00 failed
  = payment 1 120.00 succeeded
  = Ann paid through 2026-12-31
  = ledger
      Clearing         120.00
      Deferred        -110.00
      Income:Dues      -10.00
      Returns            0.00
      Refunds payable    0.00

2026-04-03
  staff records refund of payment 1 20.00 by check
  = refund 2 20.00 done
  = ledger
      Bank             -20.00
      Deferred         -90.00

2026-12-31
  = ledger
      Deferred           0.00
      Income:Dues     -100.00
      Returns            0.00
