story: A refund crosses a dispute: the member owes what went out twice
shows: I-70 A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = none
policy proration.join = none
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded

2026-03-10 10:00
  staff refunds payment 1
  = payment 1 100.00 refunded
  gateway disputes payment 1
  = payment 1 100.00 disputed
  = Ann owes 0.00
  = ledger
      Clearing -100.00
      Disputes 100.00
      Returns 100.00

2026-04-10 10:00
  gateway decides dispute of payment 1 lost
  = payment 1 100.00 returned
  = invoices Ann: 2
  = invoice 2 sent 100.00 balance 100.00
  = Ann owes 100.00
  = ledger
      Clearing -100.00
      Disputes 0.00
      Returns 100.00
      Receivable:Ann 100.00

# The second round is won: what came back pays that invoice.
2026-06-01 10:00
  gateway decides dispute of payment 1 won
  = payment 1 100.00 refunded
  = invoice 2 paid 100.00 balance 0.00
  = Ann owes 0.00
  = ledger
      Clearing 0.00
      Returns 100.00
      Receivable 0.00
