story: With cash accounting staff take back the income that was booked
shows: G-02 I-65 G-11

organization Maple Club: preset association, currency USD, zone America/New_York
tax VAT: 20% exclusive
plan Regular: 100.00 every year, tax VAT
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31

2019-12-15
  staff generates renewals "2020" effective 2020-01-01
  Ann pays 120.00 by check for invoice 1
  = ledger
      Undeposited 120.00
      Income:Dues -100.00
      Tax -20.00

2020-01-05 10:00
  staff reverses payment 1
  = Ann owes 120.00
  = Ann paid through 2019-12-31
  = ledger
      Undeposited 0.00
      Income:Dues 0.00
      Tax 0.00
      Returns 0.00
      Receivable:Ann 120.00
