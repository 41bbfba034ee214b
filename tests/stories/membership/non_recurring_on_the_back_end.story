story: Staff who move a member to a non-recurring plan bill nothing; a custom charge does
shows: P-22 P-23 P-24

organization Mill Works: preset coworking, currency USD, zone America/Denver, starts 2026-03-01
plan Community: free, default
plan Flex: 100.00 every month
plan Pass: 25.00, non-recurring
member Ann: plan Flex, next renewal 2026-03-15, by card
member Bob: plan Community, by card

2026-03-02
  staff switches Ann to Pass
  Bob switches to Pass                          # signs up for it: billed once
  Cid joins Pass by card
  = Ann is on Pass
  = Ann no next charge
  = no attempts Ann
  = attempts Bob: 2026-03-02 succeeded
  = Bob no next charge
  = attempts Cid: 2026-03-02 succeeded
  staff charges Ann 25.00 for "Pass"
  = attempts Ann: 2026-03-02 succeeded

2026-06-01
  = attempts Ann: 2026-03-02 succeeded
  = attempts Bob: 2026-03-02 succeeded
  = attempts Cid: 2026-03-02 succeeded
