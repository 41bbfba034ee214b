story: The most specific billing interval wins, and scales the price
shows: G-01 G-06 G-08 G-09

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.interval_months = 6                 # the standard
plan Regular: 120.00 every year
plan Quarter: 120.00 every year, interval 3 months
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Quarter, paid through 2025-12-31
member Cid: plan Quarter, paid through 2025-12-31, interval 12 months

2025-12-15
  staff generates renewals "January" effective 2026-01-01
  = Ann term 2026-01-01 to 2026-06-30 60.00
  = Bob term 2026-01-01 to 2026-03-31 30.00
  = Cid term 2026-01-01 to 2026-12-31 120.00
  = run "January": 3 billed 210.00, 0 skipped

2026-01-02
  staff sets policy term.interval_months = 0    # none: each plan's own
  staff generates renewals "July" effective 2026-07-01
  = Ann term 2026-07-01 to 2027-06-30 120.00
  = Bob term 2026-04-01 to 2026-06-30 30.00
  = skipped Cid already_billed
