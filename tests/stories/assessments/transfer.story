story: A home changes hands: its history stays, and what comes next is the new owner's
shows: A-32

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
member Ann
member Bob: by card
unit 1A: share 1, owner Ann

2025-12-20
  staff assesses 1A 100.00 every month from 2026-01-01

2026-01-10
  = Ann owes 100.00

2026-01-20
  staff transfers unit 1A to Bob
  staff transfers unit 1A to Bob -> refused already_owner
  = unit 1A owes 100.00
  = Ann owes 100.00

2026-02-01
  = Bob owes 0
  = Ann owes 100.00
  = payment 1 100.00 succeeded
  = invoices Bob: 1
  = unit 1A owes 100.00
