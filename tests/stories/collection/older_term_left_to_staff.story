story: An unpaid June renewal is not submitted with July's; staff resolve it
shows: I-38

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
plan Monthly: 20.00 every month
member Ann: plan Monthly, paid through 2026-05-31, by card, autopay on

2026-06-01
  staff generates renewals "June" effective 2026-06-01
  gateway declines Ann insufficient_funds
  staff submits invoices
  = submit list: invoice 1
  = exception list: empty

2026-06-20
  staff generates renewals "July" effective 2026-07-01
  = submit list: invoice 1                      # July is not due yet: June is still the current one
  = submit list due by 2026-07-01: invoice 2

2026-07-01
  gateway accepts Ann
  = submit list: invoice 2
  = exception list: invoice 1
  = invoice 1 waits: earlier_term
  staff submits invoices
  = attempts Ann: 2026-06-01 declined, 2026-07-01 succeeded
  = Ann owes 20.00

2026-07-02
  staff submits invoices
  = exception list: invoice 1
  = submit list: empty

2026-07-03
  Ann pays 20.00 by check for invoice 1
  = exception list: empty
  = Ann owes 0.00
