story: A renewal date that is set to yesterday is charged at the top of the hour
shows: P-13 P-29 P-30 X11

organization Mill Works: preset coworking, currency USD, zone America/Denver, starts 2026-03-01
plan Community: free, default
plan Flex: 100.00 every month
plan Desk: 250.00 every month
member Ann: plan Flex, next renewal 2026-03-15, by card
member Bob: plan Flex, next renewal 2026-03-15, by card

2026-03-10 10:20
  staff switches Ann to Desk
  staff sets Ann renewal date 2026-03-09
  = no attempts Ann
  = Ann next charge 250.00 on 2026-03-09
  staff charges Bob 25.00 for "Desk for the rest of the month"

2026-03-10 11:00
  = attempts Ann: 2026-03-10 11:00 succeeded
  = Ann is on Desk
  = Ann term 2026-03-09 to 2026-04-08 250.00
  = Ann paid through 2026-04-08
  = Ann next charge 250.00 on 2026-04-09
  = attempts Bob: 2026-03-10 succeeded

2026-03-20
  = attempts Ann: 2026-03-10 succeeded
  = attempts Bob: 2026-03-10 succeeded, 2026-03-15 succeeded
