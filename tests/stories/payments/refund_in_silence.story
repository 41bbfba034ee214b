story: A refund without an answer is looked up and never made twice
shows: A-36

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann
member Bob

2026-03-01
  Ann joins Regular by card
  Bob joins Regular by card
  = payment 2 100.00 succeeded

2026-03-10
  gateway is silent for Ann but charges
  gateway is silent for Bob
  staff refunds payment 1 30.00
  staff refunds payment 2 30.00
  = refund 1 30.00 pending
  = refund 2 30.00 pending
  = no mail to Ann
  = ledger
      Clearing        200.00
      Refunds payable -60.00
      Returns          60.00

2026-03-15
  = refund 1 30.00 unanswered
  staff refunds payment 1 71.00 -> refused refund_exceeds_payment

2026-03-20
  gateway answers for Ann succeeded
  gateway answers for Bob succeeded
  = refund 1 30.00 done
  = mail to Ann: refund
  = refund 2 30.00 unanswered                    # it isn't there, said once, long after the key was sent

2026-03-21
  = refund 2 30.00 done                          # said twice: it was never made, so it is made now
  = payment 1 100.00 partly refunded
  = payment 2 100.00 partly refunded
  = ledger
      Clearing        140.00
      Refunds payable   0.00
      Returns          60.00
