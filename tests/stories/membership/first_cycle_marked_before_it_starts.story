story: A cycle that is still to come is marked as paid, and the first charge is that of the next one
shows: C-10 C-12 C-38 G-46

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2025-12-10
plan Family: 35.00 every month
member Kim
billing contact Kim

2025-12-10
  Ann joins Family by card starting 2026-01-01
  staff marks Ann cycle paid by check
  Bob joins Family by card starting 2025-11-01 -> refused past_date      # asked about first
  Bob joins Family starting 2025-11-10, current cycle paid
  = Ann is Active
  = Ann paid through 2026-01-31
  = Ann next charge 35.00 on 2026-02-01
  = payment 1 35.00 succeeded
  = Bob paid through 2025-12-09
  = no attempts Bob
  = mail to Kim: billing_contact                # one purchase was billed: Ann's

2026-02-01
  = attempts Ann: 2026-02-01 succeeded
