story: Unused time is credited of what was paid and not given back since
shows: X15

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Small: 100.00 every month
plan Large: 200.00 every month
member Ann: plan Small, next renewal 2026-04-01, by card

2026-04-01
  = payment 1 100.00 succeeded

2026-04-16
  staff refunds payment 1 40.00                 # the pool was closed
  Ann switches to Large
  = Ann is on Large
  = invoice 2 paid 200.00
  = payment 2 170.00 succeeded                  # half of April is not used: half of the 60.00 that she paid for it
  = Ann credit 0.00
