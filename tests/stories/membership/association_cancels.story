story: An association cancels and credits what is open
shows: X8 I-34

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 120.00 every year
member Ann: plan Regular, joined 2015-03-01, paid through 2017-12-31, by card, autopay on
member Bob: plan Regular, joined 2015-03-01, paid through 2017-12-31, by card, autopay on

2017-12-20
  staff generates renewals "2018" effective 2018-01-01
  = run "2018": 2 billed 240.00, 0 skipped
  staff cancels Ann
  = invoice 1 closed 120.00 balance 0.00
  = Ann owes 0.00
  = Ann is Active
  = Ann renewed through 2017-12-31
  = submit list empty

2018-01-01
  = Ann is Canceled
  = submit list: invoice 2
  staff cancels Bob
  = Bob is Canceled
  = invoice 2 closed 120.00 balance 0.00
  = submit list empty
  staff generates renewals "again" effective 2018-01-01 -> refused run_bills_nobody
  = skipped Ann canceled
