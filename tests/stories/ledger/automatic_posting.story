story: Where nobody posts by hand the day's batches are posted in the evening
shows: I-17

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, next renewal 2026-02-01, by card

2026-02-01 12:00
  = batch 1 open 100.00 dated 2026-02-01
  = batch 2 open 100.00 dated 2026-02-01

2026-02-01
  = batch 1 posted 100.00
  = batch 2 posted 100.00
