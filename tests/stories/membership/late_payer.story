story: A late payer's term starts again
shows: G-31 G-33 X16

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.late_payment = restart_after_grace(3, 15)
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Bob: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Cid: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Dee: plan Regular, joined 2010-01-01, paid through 2017-12-31, by card, autopay on

2017-12-20
  staff generates renewals "2018" effective 2018-01-01
  = Ann renewed through 2018-12-31
  = Ann paid through 2017-12-31

2018-03-20
  Bob pays 100.00 by check                      # within the three months of grace
  = Bob term 2018-01-01 to 2018-12-31
  = Bob paid through 2018-12-31

2018-04-01
  Cid pays 60.00 by check                       # only the payment that completes it counts

2018-04-14
  Cid pays 40.00 by check                       # before the 15th: the month of the payment
  = Cid term 2018-04-01 to 2019-03-31 100.00
  = Cid paid through 2019-03-31

2018-04-15
  Ann pays 100.00 by check
  = Ann term 2018-05-01 to 2019-04-30 100.00
  = Ann paid through 2019-04-30
  = Ann renewed through 2019-04-30
  = Ann next charge 100.00 on 2019-05-01
  = invoice 1 paid 100.00 balance 0.00

2018-07-02
  staff submits invoices
  = attempts Dee: 2018-07-02 succeeded          # a card that is charged late is a late payment too
  = Dee term 2018-07-01 to 2019-06-30 100.00

2019-04-20
  staff generates renewals "Spring 2019" effective 2019-05-01
  = Ann term 2019-05-01 to 2020-04-30 100.00
  = Cid term 2019-04-01 to 2020-03-31 100.00
  = Bob term 2019-01-01 to 2019-12-31 100.00
  = skipped Dee not_due
