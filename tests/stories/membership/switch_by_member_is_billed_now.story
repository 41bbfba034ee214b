story: A member changes plan and pays the full new price at once; what was paid before is not taken into account
shows: P-28 P-31 X15

organization Mill Works: preset coworking, currency USD, zone America/Denver, starts 2026-03-01
plan Community: free, default
plan Flex: 100.00 every month
plan Desk: 250.00 every month
member Ann: plan Flex, next renewal 2026-03-15, by card
member Bob: plan Community, by card

2026-03-05
  Ann switches to Desk
  Bob switches to Flex
  = Ann is on Desk
  = attempts Ann: 2026-03-05 succeeded
  = Ann term 2026-03-05 to 2026-04-04 250.00
  = Ann paid through 2026-04-04
  = Ann credit 0.00
  = Ann is Active
  = Ann next charge 250.00 on 2026-04-05        # the anchor is the day of the switch
  = attempts Bob: 2026-03-05 succeeded
  = Bob next charge 100.00 on 2026-04-05

2026-03-06
  gateway declines Ann insufficient_funds
  Ann switches to Flex                          # the switch stands, its first term is owed
  = Ann is on Flex
  = Ann is Delinquent
  = attempts Ann: 2026-03-05 succeeded, 2026-03-06 declined

2026-03-15
  = invoices Bob: 1
