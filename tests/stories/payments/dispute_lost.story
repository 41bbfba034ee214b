story: A disputed payment is lost, and what it had paid is owed again
shows: I-70 G-02

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = all
policy proration.join = none
plan Regular: 120.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 120.00 succeeded
  = Ann paid through 2027-02-28

2026-03-20 10:00
  gateway disputes payment 1
  = ledger
      Clearing 0.00
      Disputes 120.00
      Deferred -120.00

# Income goes on as it was billed; what is owed again is the receivable.
2026-04-15 10:00
  gateway decides dispute of payment 1 lost
  = payment 1 120.00 returned
  = attempts Ann: 2026-03-01 succeeded
  = invoice 1 overdue 120.00 balance 120.00
  = Ann owes 120.00
  = Ann is "Past Due"
  = ledger
      Clearing 0.00
      Disputes 0.00
      Receivable:Ann 120.00
      Deferred -110.00
      Income:Dues -10.00
      Returns 0.00

2026-04-20
  Ann pays 120.00 by check
  = invoice 1 paid 120.00 balance 0.00
  = Ann paid through 2027-02-28
  = Ann is Active
