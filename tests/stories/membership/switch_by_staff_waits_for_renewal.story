story: Staff change a plan; nothing is billed before the next renewal
shows: P-27 X15

organization Mill Works: preset coworking, currency USD, zone America/Denver, starts 2026-03-01
plan Community: free, default
plan Flex: 100.00 every month
plan Desk: 250.00 every month
plan Old: 80.00 every month, closed
plan Euro: 90.00 every month, currency EUR
member Ann: plan Flex, next renewal 2026-03-15, by card
member Bob: plan Flex, next renewal 2026-03-15, by card
member Cid: plan Flex, next renewal 2026-03-15, by card

2026-03-02
  staff switches Ann to Desk
  staff switches Bob to Desk
  staff switches Cid to Community
  staff switches Ann to Desk -> refused same_plan
  staff switches Ann to Old -> refused plan_closed
  staff switches Ann to Euro -> refused currency_mismatch
  = Ann is on Flex
  = Ann next charge 250.00 on 2026-03-15
  = no attempts Ann
  = invoices Ann: 0
  = Cid no next charge

2026-03-10
  staff switches Bob to Flex                    # undone by switching back
  = Bob next charge 100.00 on 2026-03-15

2026-03-15
  = Ann is on Desk
  = attempts Ann: 2026-03-15 succeeded
  = Ann term 2026-03-15 to 2026-04-14 250.00
  = Ann next charge 250.00 on 2026-04-15
  = Bob is on Flex
  = Bob term 2026-03-15 to 2026-04-14 100.00
  = Cid is on Community                         # what was paid is over
  = Cid is Active
  = no attempts Cid
