story: By policy what is open of a home follows it to its new owner, late fees and instalments too
shows: A-32 A-33

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy transfer.arrears = follow
policy late_fee = monthly(10.00, 5, 100.00)
member Ann
member Bob
unit 1A: share 1, owner Ann
unit 1B: share 1, owner Ann

2025-12-20
  staff assesses 1A 100.00 every month from 2026-01-01
  staff assesses 1B 50.00 every month from 2026-01-01
  staff levies 60.00 "Roof" equally due 2026-01-01

2026-01-10
  = unit 1A owes 150.00
  = unit 1B owes 100.00
  Ann pays 20.00 by check for invoice 4         # of the 50.00 that 1B was assessed
  = Ann owes 230.00

2026-01-15
  staff transfers unit 1A to Bob
  = Bob owes 150.00
  = Ann owes 80.00
  = unit 1A owes 150.00

2026-01-16
  staff transfers unit 1B to Bob                # what is paid in part stays with Ann
  = Bob owes 200.00
  = Ann owes 30.00
  = unit 1B owes 80.00

2026-01-31
  = Bob owes 200.00

2026-02-20
  = unit 1A owes 260.00                         # February, and its fee
  = unit 1B owes 150.00                         # the same, and the next fee on what stayed with Ann
  = Ann owes 40.00
  Bob pays 370.00 by check
  = Bob owes 0.00

2026-03-01
  = unit 1A owes 100.00
  = Ann owes 40.00
