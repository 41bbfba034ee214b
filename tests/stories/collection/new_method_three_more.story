story: Another card has three tries of its own, and the fourth is refused
shows: I-31 I-32 I-33 I-44

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  gateway declines Ann card_declined
  staff submits invoices
  = attempts Ann: 2026-01-01 declined

2026-01-02
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined

2026-01-03
  staff submits invoices
  = submit list: empty
  = failed list: invoice 1

2026-01-04
  Ann adds bank account
  = submit list: invoice 1
  = failed list: empty
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 declined
  Ann updates card

2026-01-05
  staff submits invoices
  = attempts Ann: 2026-01-01 declined, 2026-01-02 declined, 2026-01-03 declined, 2026-01-05 declined

2026-01-06
  staff submits invoices
  = submit list: invoice 1

2026-01-07
  staff submits invoices
  = submit list: empty
  Ann pays invoice 1 by card -> refused attempts_exhausted
  = Ann owes 100.00
