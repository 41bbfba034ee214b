story: A failed cycle is Past Due at once, until it is paid, marked as paid or canceled
shows: C-30 C-31 C-32 C-33 X6

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2026-02-20
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card, autopay on
member Bob: plan Family, next renewal 2026-03-10, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds

2026-03-10
  = Ann is "Past Due"
  = mail to Ann: payment_failed
  = case Ann open since 2026-03-10

2026-03-20
  = no mail to Ann
  = attempts Ann: 2026-03-10 declined
  = Ann is "Past Due"
  gateway accepts Ann
  Ann pays invoice 1 by card
  staff marks Bob cycle paid by check
  = Ann is Active
  = Bob is Active
  = case Ann closed paid
  = attempts Bob: 2026-03-10 declined
