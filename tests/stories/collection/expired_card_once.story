story: An expired card is tried once, then its invoice is pending until the member has a new date or method
shows: I-28 I-29 I-30 I-31

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, card expires 2025-11, autopay on
member Bob: plan Regular, paid through 2025-12-31, card expires 2025-11, autopay on

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  = submit list: invoice 1, invoice 2
  staff submits invoices
  = attempts Ann: 2026-01-01 declined
  = submit list: empty
  = pending list: invoice 1, invoice 2
  = invoice 1 waits: card_expired

2026-02-01
  staff submits invoices
  = attempts Ann: 2026-01-01 declined
  = pending list: invoice 1, invoice 2

2026-02-02
  Ann renews card until 2029-11
  gateway declines Ann insufficient_funds
  Bob updates card
  = submit list: invoice 1, invoice 2
  = pending list: empty
  staff submits invoices
  = attempts Bob: 2026-01-01 declined, 2026-02-02 succeeded

2026-02-03
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-02-02 declined, 2026-02-03 declined

2026-02-04
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-02-02 declined, 2026-02-03 declined, 2026-02-04 declined
  = submit list: empty                          # three tries of the new date, and no more
  = invoice 1 waits: attempts_exhausted
