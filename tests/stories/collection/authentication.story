story: A payment that needs the member's authentication waits for it
shows: I-51

organization Hope Church: preset community, currency EUR, zone Europe/Paris
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card

2026-03-10
  gateway asks Ann to authenticate
  = attempts Ann: 2026-03-10 requires_action
  = settlement invoice 1 "In Progress"
  = Ann owes 35.00

2026-03-11
  gateway answers for Ann succeeded
  = attempts Ann: 2026-03-10 succeeded
  = Ann paid through 2026-04-09
