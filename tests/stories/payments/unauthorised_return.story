story: A debit that was never authorised is not tried again
shows: I-65 I-70 C-19

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = none
policy collect.offsets = [0, 1, 3, 3]
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on

2020-01-01
  = attempts Ann: 2020-01-01 processing

2020-01-07 09:00
  gateway answers for Ann succeeded
  = Ann paid through 2020-12-31
  = Ann is Active

2020-02-20 09:00
  gateway returns payment 1 R10
  = payment 1 100.00 returned
  = Ann owes 100.00
  = Ann is "Past Due"
  = Ann paid through 2019-12-31

# No method, no autopay: nothing is collected by itself any more.
2020-03-20
  = attempts Ann: 2020-01-01 succeeded
  Ann pays invoice 1 by card
  = Ann is Active
  = Ann paid through 2020-12-31
