story: Terms of late payers begin again with cash accounting and anniversary terms only
shows: G-30

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year

2026-01-01
  staff sets policy term.late_payment = restart_after_grace(3, 15) -> refused policy_conflict
  staff sets policy term.basis = anniversary
  staff sets policy term.late_payment = restart_after_grace(3, 29) -> refused policy_value_invalid
  staff sets policy term.late_payment = restart_after_grace(3) -> refused policy_value_invalid
  staff sets policy term.late_payment = restart_after_grace(3, 15)
  staff sets policy accounting.method = accrual -> refused policy_conflict
  staff sets policy term.basis = annual -> refused policy_conflict
  staff sets policy term.late_payment = keep_anchor
  staff sets policy accounting.method = accrual
