story: What excludes each other is refused with the reason
shows: G-12 G-19 G-21 G-27 G-30 G-34 G-35 C-15 P-20 X1 X10 X20

organization Oak House: preset community, currency USD, zone America/New_York
plan Regular: 100.00 every year

2026-01-01
  # Cash accounting: nothing moves paid through at billing. Accrual: no term that begins again.
  staff sets policy paid_through.on = line_paid -> refused policy_conflict
  staff sets policy term.late_payment = restart_after_grace(3, 15)
  staff sets policy accounting.method = accrual -> refused policy_conflict
  staff unsets policy term.late_payment
  staff sets policy balance.carry_previous = off
  staff sets policy collect.arrears = carry_balance -> refused policy_conflict
  staff unsets policy balance.carry_previous
  staff sets policy accounting.method = accrual
  staff sets policy term.late_payment = restart_at_payment -> refused policy_conflict

  # Prorating needs terms that are the same for all, of the plan too; the calendar needs a first month for them.
  staff sets policy proration.join = months -> refused policy_conflict
  staff sets policy proration.join for Regular = months -> refused policy_conflict
  staff sets policy term.basis for Regular = annual
  staff sets policy proration.join for Regular = months
  staff sets policy proration.join for Regular = table -> refused prorate_table_unknown
  staff sets policy term.basis = annual
  staff sets policy term.first_month = 0 -> refused policy_conflict
  staff sets policy term.first_month = 13 -> refused policy_value_invalid
  staff sets policy term.advance_as_of = 29 -> refused policy_value_invalid

  # A move to the default plan needs one.
  staff sets policy collect.on_exhausted = downgrade -> refused policy_conflict
  staff sets policy cancel.then = downgrade -> refused policy_conflict

  # Not here: billing by the processor, card details typed by staff.
  staff sets policy billing.trigger = processor_mirror -> refused processor_billing_unavailable
  staff sets policy staff.may_enter_payment_details = yes -> refused payment_details_by_member
