story: A charge made now can be given back like any payment
shows: P-25 A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
member Ann: by card

2026-03-01
  staff charges Ann 40.00 for "Locker key"
  = payment 1 40.00 succeeded

2026-03-02
  staff refunds payment 1 15.00
  = payment 1 40.00 partly refunded
  = invoice 1 paid 40.00
  = ledger
      Clearing   25.00
      Returns    15.00
  staff refunds payment 1 25.01 -> refused refund_exceeds_payment
