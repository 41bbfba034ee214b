story: Money that was given back without a gateway is recorded
shows: G-03 A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann
member Bob

2026-03-01
  Ann joins Regular by card
  Bob joins Regular by cash
  = payment 1 100.00 succeeded
  = payment 2 100.00 succeeded

2026-03-05
  staff records refund of payment 1 25.00 by transfer      # although it came by card
  staff records refund of payment 2 10.00 by cash
  staff records refund of payment 2 91.00 by cash -> refused refund_exceeds_payment
  staff records refund of payment 2 5.00 EUR by cash -> refused currency_mismatch
  = refund 1 25.00 done
  = refund 2 10.00 done
  = mail to Ann: refund
  = payment 1 100.00 partly refunded
  = ledger
      Clearing        100.00
      Undeposited      90.00
      Bank            -25.00
      Returns          35.00
      Refunds payable   0.00

2026-03-06
  staff refunds payment 1 76.00 -> refused refund_exceeds_payment
  staff refunds payment 1 75.00                            # the rest through the processor
  = payment 1 100.00 refunded
  = ledger
      Clearing         25.00
