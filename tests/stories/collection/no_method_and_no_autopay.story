story: Without a way to pay on file the cycle is unpaid from its start
shows: C-14 C-20 C-31

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10
member Bob: plan Family, next renewal 2026-03-10, by bank account

2026-03-10
  = Ann is "Past Due"
  = no attempts Ann
  = Bob is Active                                # his bank hasn't answered yet

2026-03-12
  Ann pays 35.00 by cash
  = Ann is Active
  = Ann next charge 35.00 on 2026-04-10
