story: A payment that needs the member's authentication waits for it
shows: I-51 C-43

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

# Who comes to pay what waits for their bank completes that very payment.
2026-04-10
  = attempts Ann: 2026-03-10 succeeded, 2026-04-10 requires_action
  = mail to Ann: action_required

2026-04-12
  Ann pays invoice 2 -> refused payment_in_progress        # her bank still asks
  gateway accepts Ann
  Ann pays invoice 2
  = attempts Ann: 2026-03-10 succeeded, 2026-04-10 succeeded
  = Ann paid through 2026-05-09
