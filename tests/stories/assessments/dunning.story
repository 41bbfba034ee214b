story: An unpaid assessment is followed up by mail, and its owner stays an owner
shows: A-29 A-44

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
policy collect.offsets = [0]
member Ann: by card
unit 1A: share 1, owner Ann

2025-12-20
  staff assesses 1A 100.00 every month from 2026-01-01
  gateway declines Ann insufficient_funds

2026-01-01
  = attempts Ann: 2026-01-01 declined
  = no mail to Ann

2026-01-04
  = mail to Ann: reminder

2026-01-08
  = mail to Ann: second_reminder

2026-01-15
  = mail to Ann: final_notice

2026-01-16
  gateway accepts Ann
  Ann pays invoice 1 by card
  = unit 1A owes 0

2026-01-31
  = no mail to Ann
