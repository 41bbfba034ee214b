story: By policy a returned payment leaves paid-through where it was
shows: I-65

organization Maple Club: preset association, currency JPY, zone Asia/Tokyo
policy reversal.paid_through = keep
plan Regular: 12000 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on

2019-12-15
  staff generates renewals "2020" effective 2020-01-01

2020-01-02 10:00
  staff submits invoices due by 2020-01-02
  gateway answers for Ann succeeded
  staff retrieves payments
  = payment 1 12000 succeeded
  = Ann paid through 2020-12-31

2020-01-20 10:00
  gateway returns payment 1 R02
  = payment 1 12000 returned
  = Ann owes 12000
  = Ann paid through 2020-12-31
  = ledger
      Clearing 0
      Receivable:Ann 12000
      Returns 12000
      Income:Dues -12000
