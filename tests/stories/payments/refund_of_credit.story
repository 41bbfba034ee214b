story: A refund takes the member's credit first
shows: A-34 A-35 G-03

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular
  Ann pays 150.00 by check
  = Ann credit 50.00
  = invoice 1 paid 100.00

2026-03-02
  staff records refund of payment 1 60.00 by check
  = refund 1 60.00 done
  = Ann credit 0.00
  = Ann owes 0.00
  = invoice 1 paid 100.00
  = payment 1 150.00 partly refunded
  = mail to Ann: refund
  = ledger
      Undeposited     150.00
      Bank            -60.00
      Credit:Ann        0.00
      Returns          10.00
      Refunds payable   0.00

2026-03-03
  staff refunds payment 1 100.00 -> refused refund_exceeds_payment
  staff refunds payment 1                          # by the means it came, and recorded
  = refund 2 90.00 done
  = payment 1 150.00 refunded
  = Ann paid through 2027-02-28
