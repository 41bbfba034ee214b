story: A disputed payment is held back until the dispute is won
shows: I-70 G-02

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = none
policy proration.join = none
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded
  = Ann paid through 2027-02-28

2026-03-20 10:00
  gateway disputes payment 1
  = payment 1 100.00 disputed
  = invoice 1 paid 100.00 balance 0.00
  = Ann owes 0.00
  = Ann paid through 2027-02-28
  = Ann is Active
  staff refunds payment 1 -> refused payment_disputed
  staff reverses payment 1 -> refused payment_disputed
  = ledger
      Clearing 0.00
      Disputes 100.00
      Receivable 0.00
      Income:Dues -100.00

2026-05-02 10:00
  gateway decides dispute of payment 1 won
  gateway sends event twice
  = payment 1 100.00 succeeded
  = invoice 1 paid 100.00 balance 0.00
  = ledger
      Clearing 100.00
      Disputes 0.00
      Receivable 0.00
      Income:Dues -100.00
  staff reverses payment 1 -> refused refund_instead
