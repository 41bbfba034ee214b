story: A reason that we cannot read stands red and is never tried again by itself
shows: I-48 I-45

organization Loft: preset coworking, currency USD, zone America/Chicago
policy collect.on_exhausted = stay_past_due
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann moon_phase
  = settlement invoice 1 "Unknown"
  = failed list: invoice 1
  = invoice 1 waits: code_unrecognised

2026-03-20
  gateway accepts Ann
  = attempts Ann: 2026-03-01 declined

2026-03-21
  staff allows another attempt on invoice 1
  = attempts Ann: 2026-03-01 declined, 2026-03-21 succeeded
  = Ann is Active
