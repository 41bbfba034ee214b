story: Late fees come every month up to their cap, and stop with the payment
shows: A-33

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = monthly(20.00, 15, 50.00)
member Ann
member Bob
unit 1A: share 1, owner Ann
unit 1B: share 1, owner Bob

2026-01-02
  staff levies 200.00 "Pool" equally due 2026-01-31
  = unit 1A owes 100.00

2026-02-16
  = unit 1A owes 120.00
  Bob pays 120.00 by check

2026-03-16
  = unit 1A owes 140.00
  = unit 1B owes 0

2026-06-30
  = unit 1A owes 150.00
  = unit 1B owes 0
