story: After three failures a payment is staff's, who may allow another attempt
shows: I-44 I-45 I-64

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card, autopay on

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  staff allows another attempt on invoice 1 -> refused attempts_left
  gateway declines Ann insufficient_funds
  gateway declines Bob stolen_card
  staff submits invoices
  = submit list: invoice 1
  = failed list: invoice 2                      # a card that is blocked is not tried again
  = invoice 2 waits: declined_for_good

2026-01-05
  staff submits invoices
  = submit list: invoice 1

2026-01-09
  staff submits invoices
  = submit list: empty
  = failed list: invoice 1, invoice 2
  = attempts Bob: 2026-01-01 declined

2026-01-10
  staff allows another attempt on invoice 1
  staff allows another attempt on invoice 2
  = submit list: invoice 1, invoice 2
  = failed list: empty
  staff allows another attempt on invoice 1 -> refused attempts_left

2026-01-11
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-05 declined, 2026-01-09 declined, 2026-01-11 declined
  = failed list: invoice 1, invoice 2           # it was good for one

2026-01-12
  gateway accepts Ann
  staff allows another attempt on invoice 1
  staff submits invoices
  = Ann paid through 2026-12-31
  = failed list: invoice 2

2026-01-13
  staff allows another attempt on invoice 1 -> refused invoice_paid
