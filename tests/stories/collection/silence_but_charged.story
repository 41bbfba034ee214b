story: A payment whose answer was lost is found, not tried again
shows: I-36 I-37 I-51 I-54

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-01, by card

2026-03-01
  gateway is silent for Ann but charges
  = attempts Ann: 2026-03-01 unknown
  = settlement invoice 1 "In Progress"
  = Ann owes 35.00

2026-03-06
  = settlement invoice 1 "Failed to reconcile – timed out"
  = attempts Ann: 2026-03-01 unknown

2026-03-07
  gateway answers for Ann succeeded
  = settlement invoice 1 "Settled"
  = attempts Ann: 2026-03-01 succeeded
  = Ann owes 0.00
  = Ann credit 0.00
  = payment 1 35.00 succeeded
  = ledger
      Clearing      35.00
      Income:Dues  -35.00
