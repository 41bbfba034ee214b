story: A debit returned for want of money is presented again, from the bank's notice on
shows: I-65 I-70 X22

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = none
policy collect.offsets = [0, 3]
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on

2020-01-07 09:00
  gateway answers for Ann succeeded
  = attempts Ann: 2020-01-07 succeeded

2020-01-20 09:00
  gateway returns payment 1 R01
  = payment 1 100.00 returned
  = attempts Ann: 2020-01-07 succeeded
  = Ann is "Past Due"
  = mail to Ann: payment_failed

2020-01-24
  = attempts Ann: 2020-01-07 succeeded, 2020-01-23 processing

2020-01-28 09:00
  gateway answers for Ann succeeded
  = payment 2 100.00 succeeded
  = Ann paid through 2020-12-31
  = Ann is Active
  = Ann owes 0.00
