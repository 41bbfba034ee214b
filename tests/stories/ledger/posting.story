story: What is posted stays as it is; what comes later goes into another batch
shows: I-17 I-60 I-61

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31

2026-01-05 09:00
  staff generates renewals "2026" effective 2026-01-01
  staff posts "2026"
  Ann pays 100.00 by check
  = batch 2 open 100.00 dated 2026-01-05
  staff posts batch 2

2026-01-05 15:00
  Bob pays 100.00 by check
  = batch 2 posted 100.00 dated 2026-01-05
  = batch 3 open 100.00 dated 2026-01-05
