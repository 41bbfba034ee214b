story: A term that costs nothing counts as paid at billing, or with the rest of its bill
shows: G-14 X18

organization Maple Club: preset association, currency USD, zone America/New_York
plan Honorary: 0.00 every year
fee Magazine: 30.00 on Honorary
member Ann: plan Honorary, paid through 2025-12-31
member Bob: plan Honorary, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  = Ann owes 30.00
  = Ann paid through 2025-12-31                 # nothing moves before money has come

2026-01-05
  Ann pays 10.00 by check
  = Ann paid through 2026-12-31                 # the free item waits for no more than a payment

2026-01-06
  staff sets policy paid_through.complimentary = payment
  Bob pays 10.00 by check
  = Bob paid through 2025-12-31
  Bob pays 20.00 by check
  = Bob paid through 2026-12-31
