story: After months without a worker the arrears policy says what is collected of the terms that were missed
shows: A-51 X10 X1

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-02-10, by card

2026-02-09
  staff sets policy billing.trigger = processor_mirror -> refused processor_billing_unavailable
  worker stops

2026-04-15
  worker starts

2026-04-16
  = invoices Ann: 3
  = attempts Ann: 2026-04-15 succeeded              # of the present term; staff resolve the others
  = Ann paid through 2026-05-09
  = Ann owes 70.00
