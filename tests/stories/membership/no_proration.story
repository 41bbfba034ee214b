story: With no proration everybody pays the same fee, whenever they join
shows: G-36

organization Maple Club: preset association, currency USD, zone America/New_York
policy proration.join = none
plan Regular: 200.00 every year

2026-01-01
  Ann joins Regular by check
  = Ann term 2026-01-01 to 2026-12-31 200.00

2026-12-15
  Bob joins Regular by check
  = Bob term 2026-12-01 to 2026-12-31 200.00
  Cid joins Regular by check, prorated          # unless staff say so
  = Cid term 2026-12-01 to 2026-12-31 16.67
