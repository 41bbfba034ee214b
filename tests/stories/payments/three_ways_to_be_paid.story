story: Ticked off, entered by hand or paid online: the same payment in the books
shows: X13 I-01

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.method = accrual
policy proration.join = none
plan Regular: 100.00 every year
member Ann: plan Regular, next renewal 2026-02-01
member Bob: plan Regular, next renewal 2026-02-01
member Cid: plan Regular, next renewal 2026-02-01, by card, autopay off

2026-01-15
  = Ann owes 0.00

2026-02-02
  staff marks Ann cycle paid by check
  Bob pays 100.00 by check for invoice 2
  Cid pays invoice 3 by card
  = payment 1 100.00 succeeded
  = payment 2 100.00 succeeded
  = payment 3 100.00 succeeded
  = Ann paid through 2027-01-31
  = Bob paid through 2027-01-31
  = Cid paid through 2027-01-31
  = ledger
      Receivable:Ann     0.00
      Receivable:Bob     0.00
      Receivable:Cid     0.00
      Clearing         100.00
      Undeposited      200.00
