story: While one term is unpaid, so many further ones are billed, then no more until it is paid
shows: X3 X10

organization Choir: preset recommended, currency USD, zone America/New_York
policy collect.on_exhausted = keep_invoicing(2)
policy collect.arrears = all_open
plan Monthly: 20.00 every month
member Ann: plan Monthly, joined 2025-01-01, paid through 2025-12-31
member Bob: plan Monthly, joined 2025-01-01, paid through 2025-12-31

2026-01-05
  Bob pays 20.00 by cash

2026-05-10
  = invoices Ann: 3
  = Ann owes 60.00
  = Ann renewed through 2026-03-31
  = invoices Bob: 4

2026-05-11 10:00
  Ann pays 20.00 by check
  = Ann owes 60.00                              # February is the first unpaid one now, so April is billed
  = invoices Ann: 4
  = Ann renewed through 2026-04-30

2026-05-13 10:00
  Ann pays 60.00 by check

2026-05-14
  = invoices Ann: 5
  = Ann renewed through 2026-05-31
