story: A bank debit without an answer is flagged after five days, tried by nobody, and lands late
shows: I-70 X22

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2019-01-01, paid through 2019-12-31, by bank account, autopay on

2019-12-15
  staff generates renewals "2020" effective 2020-01-01

2020-01-02 10:00
  gateway is silent for Ann but charges
  staff submits invoices due by 2020-01-02
  = settlement invoice 1 "In Progress"

2020-01-07 10:00
  = settlement invoice 1 "Failed to reconcile – timed out"
  = attempts Ann: 2020-01-02 unknown
  = submit list: empty

2020-01-12 10:00
  gateway answers for Ann succeeded
  = attempts Ann: 2020-01-02 succeeded
  = settlement invoice 1 "Settled"
  = payment 1 100.00 succeeded
  = Ann paid through 2020-12-31

# From the bank's own notice on, it counts as failed.
2020-02-03 10:00
  gateway returns payment 1 R01
  = payment 1 100.00 returned
  = Ann owes 100.00
  = Ann paid through 2019-12-31
