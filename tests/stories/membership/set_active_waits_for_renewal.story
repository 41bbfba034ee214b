story: A delinquent member who is set active is not charged again before the renewal date
shows: P-09 P-11 P-12 P-14 X12

organization Mill Works: preset coworking, currency USD, zone America/Denver, starts 2026-02-20
plan Community: free, default
plan Flex: 100.00 every month
member Ann: plan Flex, next renewal 2026-03-01, by card
member Bob: plan Flex, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds
  = Ann is Delinquent
  = attempts Ann: 2026-03-01 declined

2026-03-02
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined

2026-03-03
  gateway accepts Ann
  gateway accepts Bob
  staff charges Ann 100.00 for "March"          # by a custom charge, and the date moved: once
  staff sets Ann renewal date 2026-04-10
  staff sets Ann active
  staff sets Bob active
  = Ann is Active
  = Bob is Active
  = Ann owes 0.00
  = Ann next charge 100.00 on 2026-04-10
  = Bob next charge 100.00 on 2026-04-01
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-03 succeeded

2026-03-31
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined    # the queued retries of the 5th and 8th are no more
  = Bob is Active

2026-04-10
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-03 succeeded, 2026-04-10 succeeded
  = attempts Bob: 2026-03-01 declined, 2026-03-02 declined, 2026-04-01 succeeded
  = Ann term 2026-04-10 to 2026-05-09 100.00
  = Ann is Active
