story: Staff reverse a payment with a counter-entry
shows: G-02 I-65

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
policy accounting.defer = none
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31
member Bob: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on
member Cid: plan Regular, joined 2019-01-01, paid through 2019-12-31, by card, autopay on

2019-12-15
  staff generates renewals "2020" effective 2020-01-01
  Ann pays 130.00 by check for invoice 1
  = payment 1 130.00 succeeded
  = Ann paid through 2020-12-31
  = Ann credit 30.00

# A check that bounced: the credit goes first, then what was paid.
2020-01-05 10:00
  staff reverses payment 1
  = payment 1 130.00 reversed
  = invoice 1 overdue 100.00 balance 100.00
  = Ann owes 100.00
  = Ann credit 0.00
  = Ann paid through 2019-12-31
  = Ann renewed through 2020-12-31
  = ledger
      Undeposited 0.00
      Receivable:Ann 100.00
      Credit:Ann 0.00
      Returns 0.00
  staff reverses payment 1 -> refused payment_reversed
  staff refunds payment 1 10.00 -> refused refund_exceeds_payment
  gateway returns payment 1 R01 -> refused charge_unknown

# A bank debit of which the bank sent a letter; its own word comes later, and is not booked twice.
2020-01-06 10:00
  staff submits invoices due by 2020-01-06
  gateway answers for Bob succeeded
  staff retrieves payments
  = invoice 2 paid 100.00
  staff reverses payment 3
  = payment 3 100.00 reversed
  = Bob owes 100.00
  = Bob paid through 2019-12-31
  = ledger
      Clearing 100.00
      Receivable:Bob 100.00

2020-01-09 10:00
  gateway returns payment 3 R01
  = payment 3 100.00 reversed
  = Bob owes 100.00
  = ledger
      Clearing 100.00
      Receivable:Bob 100.00

# A card's money is still there.
2020-01-10 10:00
  staff reverses payment 2 -> refused refund_instead
  = payment 2 100.00 succeeded
