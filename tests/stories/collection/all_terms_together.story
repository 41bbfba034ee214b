story: Every open term is collected, where the policy says so
shows: I-38

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy collect.arrears = all_open
plan Monthly: 20.00 every month
member Ann: plan Monthly, paid through 2026-05-31, by card, autopay on

2026-06-01
  staff generates renewals "June" effective 2026-06-01
  gateway declines Ann insufficient_funds
  staff submits invoices

2026-07-01
  staff generates renewals "July" effective 2026-07-01
  gateway accepts Ann
  = submit list: invoice 1, invoice 2
  staff submits invoices
  = Ann owes 0.00
