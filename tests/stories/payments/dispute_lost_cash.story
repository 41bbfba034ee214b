story: With cash accounting a lost dispute stands against income
shows: I-70 G-02 G-11

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
fee Journal: 25.00 on Regular
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by card, autopay on

2019-12-15
  staff generates renewals "2020" effective 2020-01-01

2020-01-02 10:00
  staff submits invoices due by 2020-01-02
  = payment 1 125.00 succeeded
  = ledger
      Clearing 125.00
      Receivable 0.00
      Income:Dues -125.00

2020-02-03 10:00
  gateway disputes payment 1
  = payment 1 125.00 disputed
  = Ann owes 0.00
  = ledger
      Clearing 0.00
      Disputes 125.00
      Receivable 0.00
      Returns 0.00
      Income:Dues -125.00

2020-03-03 10:00
  gateway decides dispute of payment 1 lost
  = payment 1 125.00 returned
  = Ann owes 125.00
  = Ann paid through 2019-12-31
  = Ann is Inactive
  = ledger
      Clearing 0.00
      Disputes 0.00
      Receivable:Ann 125.00
      Returns 125.00
      Income:Dues -125.00

2020-03-10 10:00
  Ann pays 125.00 by transfer
  = Ann paid through 2020-12-31
  = Ann is Active
  = ledger
      Bank 125.00
      Receivable 0.00
      Returns 125.00
      Income:Dues -250.00
