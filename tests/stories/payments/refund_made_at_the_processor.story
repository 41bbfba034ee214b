story: A refund that was made at the processor is recorded once
shows: A-36 G-03

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy staff.separation = on
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded

2026-03-05
  staff refunds payment 1 50.00                    # waits
  gateway refunds 60.00 of payment 1               # so there is no room for it any more
  = refund 1 50.00 canceled
  = refund 2 60.00 done
  = payment 1 100.00 partly refunded
  = Ann paid through 2027-02-28
  = ledger
      Clearing         40.00
      Returns          60.00
      Refunds payable   0.00

2026-03-06
  gateway answers refund of payment 1 failed expired_or_canceled_card
  = refund 2 60.00 failed
  = payment 1 100.00 succeeded
  = ledger
      Clearing        100.00
      Returns           0.00
