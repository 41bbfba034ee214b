story: The last day of grace is still in time
shows: G-32

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.late_payment = restart_after_grace(3, 15)
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Bob: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Cid: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Dee: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Eve: plan Regular, joined 2010-01-01, paid through 2017-12-31

2017-12-20
  staff generates renewals "2018" effective 2018-01-01

2018-01-02
  staff sets policy term.late_payment = restart_after_grace(0, 15)      # no grace
  Bob pays 100.00 by check
  = Bob term 2018-02-01 to 2019-01-31

2018-02-01
  staff sets policy term.late_payment = restart_after_grace(1, 15)      # one month, and this is its last day
  Cid pays 100.00 by check
  = Cid term 2018-01-01 to 2018-12-31

2018-02-02
  Dee pays 100.00 by check                      # with 0 or 1 always the next month, whatever the day
  = Dee term 2018-03-01 to 2019-02-28

2018-04-01
  staff sets policy term.late_payment = restart_after_grace(3, 15)
  Ann pays 100.00 by check
  = Ann term 2018-01-01 to 2018-12-31

2018-06-20
  staff sets policy term.late_payment = restart_at_payment
  Eve pays 100.00 by check
  = Eve term 2018-06-20 to 2019-06-19
  = Eve next charge 100.00 on 2019-06-20
