story: With accrual the old balance stays in the receivables and never on the next bill
shows: G-42

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
policy balance.carry_previous = on         # even where it is switched on
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2017-12-31

2018-01-01
  staff generates renewals "2018" effective 2018-01-01
  Ann pays 80.00 by check

2019-01-01
  staff generates renewals "2019" effective 2019-01-01
  = invoice 2 sent 100.00
  = invoice 1 overdue 100.00 balance 20.00
  = Ann owes 120.00
  = ledger
    Receivable:Ann 120.00
