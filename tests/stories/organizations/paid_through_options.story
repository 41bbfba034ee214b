story: Some ways to move paid through exist with accrual accounting only
shows: G-01 G-13

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year

2026-01-01
  staff sets policy paid_through.on = billed -> refused policy_conflict
  staff sets policy paid_through.on = line_paid -> refused policy_conflict
  staff sets policy accounting.method = accrual
  staff sets policy paid_through.on = billed
  Ann joins Regular
  = Ann paid through 2026-12-31
  = Ann owes 100.00
  staff sets policy accounting.method = cash -> refused policy_conflict
  staff sets policy billing.color = red -> refused policy_unknown
