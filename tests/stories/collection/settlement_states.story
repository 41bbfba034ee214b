story: Where a submitted payment stands, in the words that staff read
shows: I-48 I-49 I-50 I-51 I-53 I-54 I-58

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card, autopay on
member Cid: plan Regular, paid through 2025-12-31, by card, autopay on
member Dee: plan Regular, paid through 2025-12-31, by card, autopay on

2026-01-01 09:00
  staff generates renewals "2026" effective 2026-01-01
  gateway declines Bob insufficient_funds
  gateway declines Cid no_such_code             # a code that nobody knows: a person has to look
  gateway is silent for Dee
  worker stops
  staff submits invoices
  = settlement invoice 1 "Awaiting Sync"
  = no attempts Ann

2026-01-01 10:00
  worker starts
  = settlement invoice 1 "Settled"
  = settlement invoice 2 "Not Settled"
  = settlement invoice 3 "Unknown"
  = settlement invoice 4 "In Progress"
  = attempts Dee: 2026-01-01 10:00 unknown
  = submit list: invoice 2                      # what is unknown is never tried by itself

2026-01-03
  staff submits invoices
  = attempts Cid: 2026-01-01 declined
  = attempts Dee: 2026-01-01 unknown

2026-01-04
  gateway answers for Dee succeeded
  staff retrieves payments
  = settlement invoice 4 "Settled"
  = attempts Dee: 2026-01-01 succeeded
  = Dee paid through 2026-12-31
  = payment 2 100.00 succeeded
