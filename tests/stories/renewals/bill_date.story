story: The bill date is today unless staff give another
shows: I-08

organization Maple Club: preset association, currency USD, zone Pacific/Auckland
policy accounting.method = accrual
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2026-02-28

2025-12-10 08:00                                # in London it is still the 9th
  staff generates renewals "2026" effective 2026-01-01
  = batch "2026" open 100.00 dated 2025-12-10
  staff generates renewals "March" effective 2026-03-01 bill date 2026-02-01
  = batch "March" open 100.00 dated 2026-02-01
