story: A home that nobody owns bears its share of a levy, and its next owner is billed for it
shows: A-31 A-32

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
member Ann
member Bob
unit A: share 1, owner Ann
unit B: share 3

2026-01-15
  staff levies 100.00 "Roof" by share due 2026-02-01
  staff assesses B 10.00 every month from 2026-02-01
  = unit A owes 25.00
  = unit B owes 75.00
  = Ann owes 25.00

2026-03-01
  = unit B owes 95.00                            # the levy, February and March

2026-03-02
  staff transfers unit B to Bob
  = unit B owes 95.00
  = Bob owes 95.00
  = ledger
      Receivable:B           95.00
      Income:Assessments   -120.00
