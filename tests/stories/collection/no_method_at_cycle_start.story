story: Without a payment method the cycle is unpaid, and nothing is asked of the gateway
shows: C-14 C-20 C-30 I-30

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, autopay on

2026-03-10
  = Ann is "Past Due"
  = Ann owes 35.00
  = no attempts Ann
  = pending list: invoice 1
  = invoice 1 waits: no_payment_method

2026-03-12
  Ann updates card
  = attempts Ann: 2026-03-12 succeeded
  = Ann is Active
  = pending list: empty
