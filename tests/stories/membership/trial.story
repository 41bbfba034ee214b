story: A trial costs nothing; the first term starts when it is over
shows: A-07 C-11

organization Harbor Club: preset recommended, currency USD, zone America/New_York
plan Gold: 40.00 every month, trial 14 days

2026-03-01
  Ann joins Gold by card
  Bob joins Gold by card
  = Ann is Active
  = no attempts Ann
  = invoices Ann: 0
  = Ann paid through 2026-03-14
  = Ann next charge 40.00 on 2026-03-15

2026-03-10
  Bob cancels
  = Bob no next charge

2026-03-15
  = attempts Ann: 2026-03-15 succeeded
  = Ann term 2026-03-15 to 2026-04-14 40.00
  = Ann next charge 40.00 on 2026-04-15
  = no attempts Bob
  = invoices Bob: 0
  = Bob is Canceled
