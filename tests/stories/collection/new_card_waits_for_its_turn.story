story: A new card is charged at the next time of billing, or when staff submit again
shows: I-31 C-30

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card

2026-03-10
  gateway declines Ann stolen_card
  = attempts Ann: 2026-03-10 declined

2026-03-12 10:20
  Ann updates card
  gateway accepts Ann
  = attempts Ann: 2026-03-10 00:00 declined

2026-03-13 00:01
  = attempts Ann: 2026-03-10 00:00 declined, 2026-03-13 00:00 succeeded
  = Ann is Active

2026-04-10
  gateway declines Ann insufficient_funds
  = Ann is "Past Due"

2026-04-11
  staff sets policy collect.on_method_update = release
  Ann updates card
  gateway accepts Ann
  = submit list: invoice 2

2026-04-13
  = submit list: invoice 2
  staff submits invoices
  = submit list: empty
  = Ann is Active
