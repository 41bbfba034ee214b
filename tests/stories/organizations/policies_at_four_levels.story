story: The most specific level that is set decides
shows: G-06 G-07 G-08 G-09

# The standard holds for everybody; a member's own goes before it, their plan's before that, and what their membership
# has goes before all. What is taken away lets the next level decide again.
organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
policy term.interval_months = 12
plan Regular: 120.00 every year
member Ann: plan Regular, joined 2020-01-01, paid through 2025-12-31
member Bob: plan Regular, joined 2020-01-01, paid through 2025-12-31

2025-12-01
  staff sets policy term.interval_months for Ann = 3
  = policy term.interval_months from organization = 12
  = policy term.interval_months for Ann from customer = 3
  = policy term.interval_months for Bob from organization = 12
  staff generates renewals "by member" effective 2026-01-01
  = Ann term 2026-01-01 to 2026-03-31 30.00
  = Bob term 2026-01-01 to 2026-12-31 120.00

2026-03-01
  staff sets policy term.interval_months for Regular = 6
  = policy term.interval_months for Ann from plan = 6
  staff generates renewals "by plan" effective 2026-04-01
  = Ann term 2026-04-01 to 2026-09-30 60.00

2026-09-01
  staff sets policy term.interval_months for membership of Ann = 1
  = policy term.interval_months for Ann from subscription = 1
  staff generates renewals "by membership" effective 2026-10-01
  = Ann term 2026-10-01 to 2026-10-31 10.00

2026-10-15
  staff unsets policy term.interval_months for membership of Ann
  staff unsets policy term.interval_months for Regular
  = policy term.interval_months for Ann from customer = 3
  staff generates renewals "by member again" effective 2026-11-01
  = Ann term 2026-11-01 to 2027-01-31 30.00
  staff unsets policy term.interval_months
  = policy term.interval_months for Bob from preset = 0
  staff sets policy credit.apply for Ann = ask -> refused policy_scope
