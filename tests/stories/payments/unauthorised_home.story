story: After a debit that was never authorised, homes and pledges wait for a new consent
shows: I-65 X21

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
policy autopay.scope = all
member Ann: by bank account, autopay on
unit A: share 1, owner Ann

2026-01-01
  staff assesses A 100.00 every month from 2026-01-01
  = attempts Ann: 2026-01-01 processing

2026-01-06
  gateway answers for Ann succeeded
  = unit A owes 0.00

2026-01-20
  gateway returns payment 1 R10
  = payment 1 100.00 returned
  = unit A owes 100.00

2026-01-21
  Ann updates card                               # kept, and no consent to charge it by itself
  staff invoices Ann: 1 x 5.00 "Key" due 2026-01-25

2026-02-01
  = attempts Ann: 2026-01-01 succeeded
  = unit A owes 200.00
  = Ann owes 205.00
