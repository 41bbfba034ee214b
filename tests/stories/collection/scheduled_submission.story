story: Submission by schedule takes the same list, once it is reviewed
shows: I-25 I-20

organization Maple Club: preset association, currency USD, zone America/New_York
policy collect.submit = daily
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card

2025-12-20
  staff generates renewals "2026" effective 2026-01-01

2026-01-02
  = no attempts Ann
  = submit list: invoice 1
  staff reviews "2026"

2026-01-02
  = attempts Ann: 2026-01-02 succeeded
  = no attempts Bob
  = submit list empty
