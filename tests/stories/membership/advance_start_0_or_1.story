story: With 0 or 1 a new member always begins with the next month
shows: G-28 G-26

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.advance_as_of = 1
plan Regular: 100.00 every year

2026-08-01
  Ann joins Regular by check
  = Ann term 2026-09-01 to 2027-08-31
  staff sets policy term.advance_as_of = 0
  Bob joins Regular by check
  = Bob term 2026-09-01 to 2027-08-31

2026-08-31
  Cid joins Regular by check
  = Cid term 2026-09-01 to 2027-08-31
