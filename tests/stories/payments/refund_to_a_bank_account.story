story: A refund to a bank account is on its way for days
shows: A-36

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann
member Bob

2026-03-01
  Ann joins Regular by bank account
  Bob joins Regular by bank account
  gateway answers for Ann succeeded
  gateway answers for Bob succeeded
  = payment 1 100.00 succeeded

2026-03-10
  staff refunds payment 1 40.00
  staff refunds payment 2 40.00
  = refund 1 40.00 pending
  = mail to Ann: refund
  staff refunds payment 1 61.00 -> refused refund_exceeds_payment
  = payment 1 100.00 partly refunded
  = ledger
      Clearing        120.00
      Returns          80.00

2026-03-14
  gateway answers refund of payment 1 succeeded
  gateway answers refund of payment 2 failed account_closed
  = refund 1 40.00 done
  = refund 2 40.00 failed
  = payment 1 100.00 partly refunded
  = payment 2 100.00 succeeded
  = no mail to Ann
  = ledger
      Clearing        160.00
      Returns          40.00
      Refunds payable   0.00
