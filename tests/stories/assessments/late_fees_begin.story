story: Late fees begin with the period after they were decided on, and none is made up for
shows: A-33 G-09

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
member Ann
unit 1A: share 1, owner Ann

2026-01-01
  staff assesses 1A 100.00 every month from 2026-01-01

2026-04-20
  = unit 1A owes 400.00
  staff sets policy late_fee = monthly(10.00, 10, 100.00)

2026-04-21
  = unit 1A owes 400.00

2026-05-01
  = unit 1A owes 500.00

2026-05-15
  = unit 1A owes 550.00

2026-06-15
  = unit 1A owes 710.00
