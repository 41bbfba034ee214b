story: What is left unpaid goes on to the next bill, once
shows: G-40 G-41 G-44 G-45 X10

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = annual
policy balance.carry_previous = on
plan Regular: 100.00 every year
fee Library Fund: 25.00 on Regular, voluntary
member Ann: plan Regular, joined 2015-01-01, paid through 2017-12-31
member Ben: plan Regular, joined 2015-01-01, paid through 2017-12-31

2018-01-01
  staff generates renewals "2018" effective 2018-01-01
  = invoice 1 sent 125.00
  = invoice 2 sent 125.00
  = Ann owes 100.00

2018-02-01 10:00
  Ann pays 80.00 by check
  = Ann owes 20.00
  = Ann paid through 2017-12-31

2019-01-01
  staff generates renewals "2019" effective 2019-01-01
  = run "2019": 2 billed 370.00, 0 skipped
  = invoice 1 closed 125.00 balance 0.00
  = invoice 3 sent 145.00
  = invoice 4 sent 225.00
  = Ann owes 120.00
  = Ben owes 200.00
  = ledger
      Receivable:Ann 145.00
      Receivable:Ben 225.00

2019-01-02 10:00
  staff voids invoice 1 -> refused invoice_closed

2020-01-01
  staff generates renewals "2020" effective 2020-01-01
  = invoice 3 closed 145.00
  = invoice 5 sent 245.00
  = Ann owes 220.00
  = Ben owes 300.00

2020-02-01 10:00
  Ann pays 220.00 by check for invoice 1
  = invoice 5 overdue 245.00 balance 25.00
  = Ann owes 0.00
  = Ann paid through 2020-12-31
  Ben pays 150.00 by check
  = Ben owes 150.00
  = Ben paid through 2018-12-31
