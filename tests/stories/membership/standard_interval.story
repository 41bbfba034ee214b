story: The standard interval decides how long a term is
shows: G-01 G-06

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.interval_months = 6
plan Regular: 120.00 every year

2026-03-01
  Ann joins Regular by check
  = Ann term 2026-03-01 to 2026-08-31 60.00
  staff sets policy term.interval_months = 121 -> refused policy_value_invalid
  staff sets policy term.interval_months = 3
  Bob joins Regular by check
  = Bob term 2026-03-01 to 2026-05-31 30.00
