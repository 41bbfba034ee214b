story: A carried balance and a late payer's new term go together; who is on autopay is collected by the arrears policy
shows: G-31 G-33 G-40 X10 X16 I-19 I-38

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.late_payment = restart_after_grace(3, 15)
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Bob: plan Regular, joined 2010-01-01, paid through 2017-12-31, by card, autopay on

2018-01-01
  staff generates renewals "2018" effective 2018-01-01
  gateway declines Bob insufficient_funds
  staff submits invoices
  = invoice 2 sent 100.00

2018-06-01 10:00
  Ann pays 99.00 by check
  = Ann paid through 2017-12-31

2019-01-01
  staff generates renewals "2019" effective 2019-01-01
  gateway accepts Bob
  = invoice 1 closed 100.00
  = invoice 3 sent 101.00
  = Bob owes 200.00
  = submit list: invoice 4                      # June's is not submitted with July's, nor within it (I-38)
  staff submits invoices
  = Bob owes 100.00
  = invoice 2 overdue 100.00

2019-05-15 10:00
  Ann pays 101.00 by check
  = Ann term 2019-06-01 to 2020-05-31 100.00
  = Ann paid through 2020-05-31
  = Ann owes 0.00
  staff sets policy collect.arrears = carry_balance

2020-01-01
  staff generates renewals "2020" effective 2020-01-01
  = invoice 2 closed 100.00
  = invoice 5 sent 200.00
  = skipped Ann not_due
  = submit list: invoice 5
  staff submits invoices
  = Bob owes 0.00
  = Bob paid through 2020-12-31
