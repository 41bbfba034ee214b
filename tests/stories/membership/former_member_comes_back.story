story: A former member who is still marked active renews, without proration
shows: G-39

organization Maple Club: preset association, currency USD, zone America/New_York
policy proration.join = months
plan Regular: 200.00 every year
member Ann: plan Regular, joined 2015-03-01, paid through 2024-12-31

2026-07-10
  = Ann is Inactive
  Ann joins Regular by check
  Bob joins Regular by check
  = Ann term 2026-01-01 to 2026-12-31 200.00
  = Ann is Active
  = Bob term 2026-07-01 to 2026-12-31 100.00    # a new member
  Ann joins Regular -> refused already_a_member
