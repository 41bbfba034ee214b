story: Silence is flagged after five days and not tried again, whatever the schedule says; the late answer lands
shows: X22 I-36 I-37 P-18

organization Loft: preset coworking, currency USD, zone America/Chicago
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-01, by card

2026-03-01
  gateway is silent for Ann but charges
  = attempts Ann: 2026-03-01 unknown
  = settlement invoice 1 "In Progress"

2026-03-09
  = settlement invoice 1 "Failed to reconcile – timed out"
  = attempts Ann: 2026-03-01 unknown
  Ann updates card
  = attempts Ann: 2026-03-01 unknown

2026-03-10
  gateway answers for Ann succeeded
  = attempts Ann: 2026-03-01 succeeded
  = Ann is Active
  = payment 1 200.00 succeeded
