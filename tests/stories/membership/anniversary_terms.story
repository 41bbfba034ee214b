story: Anniversary terms run from the join date
shows: G-22 G-23 G-25

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2020-07-01, paid through 2026-06-30
member Bob: plan Regular, joined 2021-03-15, paid through 2026-03-14

2026-07-01
  Cid joins Regular by check
  = Cid term 2026-07-01 to 2027-06-30 100.00    # joins on July 1: July 1 to June 30

2026-07-20
  Dee joins Regular by check
  = Dee term 2026-07-01 to 2027-06-30           # with nothing set: the first day of the current month

2026-07-21
  staff generates renewals "Summer" effective 2026-07-21
  = Ann term 2026-07-01 to 2027-06-30 100.00
  = Bob term 2026-03-15 to 2027-03-14 100.00
  = skipped Cid not_due
