story: Nobody approves their own refund where the two are kept apart
shows: A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy staff.separation = on
policy refund.approve_above = 2500
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded

2026-03-05
  staff refunds payment 1 25.00                    # up to the limit
  staff refunds payment 1 30.00                    # above it
  staff refunds payment 1 46.00 -> refused refund_exceeds_payment
  = refund 1 25.00 done
  = refund 2 30.00 waiting
  = payment 1 100.00 partly refunded
  = ledger
      Clearing         75.00
      Refunds payable   0.00

2026-03-06
  staff approves refund 2 -> refused own_request
  staff approves refund 2 as Bea
  staff approves refund 2 as Bea                   # pressed twice
  = refund 2 30.00 done
  = ledger
      Clearing         45.00

2026-03-07
  staff records refund of payment 1 45.00 by check
  = refund 3 45.00 waiting
  = ledger
      Bank              0.00

2026-03-08
  staff turns down refund 3 as Bea
  staff approves refund 3 as Bea -> refused refund_concluded
  staff refunds payment 1 45.00
  staff turns down refund 4
  = refund 3 45.00 turned down
  = refund 4 45.00 canceled
  = ledger
      Clearing         45.00
      Bank              0.00
      Refunds payable   0.00
