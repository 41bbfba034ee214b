story: A cycle that has started, or the next renewal: an import knows both
shows: C-50 C-51

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2026-01-20
plan Family: 35.00 every month
member Ann: plan Family, cycle started 2026-01-05, by card
member Bob: plan Family, next renewal 2026-02-10, by card
member Cid: plan Family, cycle started 2026-02-10, by card

2026-01-20
  = Ann is Active
  = Ann paid through 2026-02-04
  = Ann next charge 35.00 on 2026-02-05
  = Bob is Active                               # the present period is paid
  = Bob paid through 2026-02-09
  = Bob next charge 35.00 on 2026-02-10
  = Cid is Pending                              # the first cycle is still to come
  = Cid next charge 35.00 on 2026-02-10
  = no attempts Ann
  = no attempts Bob

2026-02-10
  = attempts Ann: 2026-02-05 succeeded
  = attempts Bob: 2026-02-10 succeeded
  = attempts Cid: 2026-02-10 succeeded
