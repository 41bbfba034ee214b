story: Money that comes in is one payment each, numbered as it came
shows: I-58

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
plan Small: 12.50 every month
member Ann: plan Regular, next renewal 2026-02-01
member Bob: plan Small, next renewal 2026-02-01

2026-02-01
  = invoice 1 sent 100.00
  = invoice 2 sent 12.50
  Ann pays invoice 1 by card
  Bob pays 12.50 by transfer for invoice 2
  = payment 1 100.00 succeeded
  = payment 2 12.50 succeeded
  = invoice 1 paid 100.00
  = invoice 2 paid 12.50 balance 0.00
  Ann pays invoice 1 by card -> refused invoice_paid
  Bob pays 0.00 by cash -> refused amount_invalid

2026-02-03
  = ledger
      Clearing  100.00
      Bank       12.50

2026-03-01
  Bob pays 20.00 by cash                        # more than he owes: the rest is credit
  = Bob owes 0.00
  = Bob credit 7.50
  = revenue this month 20.00
  = revenue this quarter 132.50

2026-04-01
  = Bob owes 5.00
  = Bob credit 0.00
  staff marks Bob cycle paid by terminal
  = payment 4 5.00 succeeded
  = Bob paid through 2026-04-30
