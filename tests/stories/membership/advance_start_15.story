story: From the 15th on a new member begins with the next month
shows: G-24 G-26 G-27 G-29

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.advance_as_of = 15
plan Regular: 100.00 every year

2026-08-14
  Ann joins Regular by check
  = Ann term 2026-08-01 to 2027-07-31 100.00

2026-08-15
  Bob joins Regular by card
  = Bob term 2026-09-01 to 2027-08-31 100.00
  = attempts Bob: 2026-08-15 succeeded

2026-08-16
  staff sets policy term.advance_as_of = 29 -> refused policy_value_invalid
  staff sets policy term.advance_as_of = -1 -> refused policy_value_invalid
  staff sets policy term.advance_as_of = 28
  Cid joins Regular by check
  = Cid term 2026-08-01 to 2027-07-31

2026-08-20
  staff sets policy term.advance_as_of = off
  Dee joins Regular by check
  = Dee term 2026-08-01 to 2027-07-31
