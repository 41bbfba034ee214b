story: Submission by schedule takes the same invoices as staff would
shows: I-25 I-40 I-42

organization Maple Club: preset association, currency USD, zone America/New_York
policy collect.submit = daily
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2026-01-31, by card, autopay on
member Cid: plan Regular, paid through 2025-12-31, by card

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  staff generates renewals "February" effective 2026-02-01 autopay only
  = submit list due by 2026-01-01: invoice 1
  = submit list due by 2026-02-01: invoice 1, invoice 3

2025-12-31
  = no attempts Ann

2026-01-01
  = attempts Ann: 2026-01-01 succeeded
  = no attempts Bob
  = submit list: empty

2026-02-01
  = attempts Bob: 2026-02-01 succeeded
  = no attempts Cid
