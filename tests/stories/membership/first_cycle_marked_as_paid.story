story: A first cycle marked as paid is not charged; the second one is
shows: C-12 C-13 C-16

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month

2026-01-01
  Ann joins Family by card, current cycle paid
  Bob joins Family, current cycle paid          # paid outside and has no card yet
  = Ann is Active
  = Bob is Active
  = Ann paid through 2026-01-31
  = invoices Ann: 0
  = Ann next charge 35.00 on 2026-02-01
  = Bob next charge 35.00 on 2026-02-01

2026-01-31
  = no attempts Ann

2026-02-01
  = attempts Ann: 2026-02-01 succeeded
  = Ann paid through 2026-02-28
  = no attempts Bob
  = Bob owes 35.00
