story: A bank sends a debit back days after it was paid
shows: I-65 I-70

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
policy accounting.defer = none
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on

2019-12-15
  staff generates renewals "2020" effective 2020-01-01

2020-01-02 10:00
  staff submits invoices due by 2020-01-02
  = attempts Ann: 2020-01-02 processing

2020-01-06 12:00
  gateway answers for Ann succeeded
  = payment 1 100.00 succeeded
  = invoice 1 paid 100.00 balance 0.00
  = Ann paid through 2020-12-31
  = ledger
      Clearing 100.00
      Receivable 0.00

2020-01-20 09:00
  gateway returns payment 1 R01
  = payment 1 100.00 returned
  = attempts Ann: 2020-01-02 succeeded
  = invoice 1 overdue 100.00 balance 100.00
  = Ann owes 100.00
  = Ann paid through 2019-12-31
  = Ann renewed through 2020-12-31
  = batch "Returns and disputes" open 100.00 dated 2020-01-20
  = ledger
      Clearing 0.00
      Receivable:Ann 100.00
      Income:Dues -100.00
      Returns 0.00
      Disputes 0.00

# The processor's word of it comes again: nothing happens twice.
2020-01-21 09:00
  gateway sends event twice
  = payment 1 100.00 returned
  = Ann owes 100.00
  staff reverses payment 1 -> refused payment_reversed
  Ann pays 100.00 by check for invoice 1
  = invoice 1 paid 100.00 balance 0.00
  = Ann paid through 2020-12-31
  = ledger
      Clearing 0.00
      Undeposited 100.00
      Receivable 0.00
