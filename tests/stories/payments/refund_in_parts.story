story: A payment is given back in parts, never more than came
shows: A-34 A-35 A-36

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded
  = Ann paid through 2027-02-28

2026-03-05
  staff refunds payment 1 30.00
  = payment 1 100.00 partly refunded
  = refund 1 30.00 done
  = mail to Ann: refund
  staff refunds payment 1 80.00 -> refused refund_exceeds_payment
  staff refunds payment 1 20.00 EUR -> refused currency_mismatch
  staff refunds payment 1 0.00 -> refused amount_invalid
  = payment 1 100.00 partly refunded
  = ledger
      Clearing         70.00
      Returns          30.00
      Income:Dues    -100.00
      Refunds payable   0.00
      Receivable        0.00

2026-03-06
  staff refunds payment 1                      # what is left
  = payment 1 100.00 refunded
  = refund 2 70.00 done
  = Ann owes 0.00
  = Ann paid through 2027-02-28                # a refund does not end the membership
  = Ann is Active
  staff refunds payment 1 -> refused refund_exceeds_payment
  = ledger
      Clearing          0.00
      Returns         100.00
