story: Whose words are used for a membership's state
shows: X7 C-08 P-19

organization Loft: preset recommended, currency USD, zone America/New_York
policy collect.offsets = [0]
plan Desk: 100.00 every month
member Ann: plan Desk, next renewal 2026-02-01, by card

2026-02-01
  gateway declines Ann insufficient_funds
  = Ann is "Past Due"
  staff sets policy status.labels = coworking
  = Ann is Delinquent
  staff sets policy status.labels = association
  = Ann is Inactive
  staff unsets policy status.labels
  = Ann is "Past Due"
