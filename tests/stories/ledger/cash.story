story: With cash accounting income counts when it is received
shows: G-11 G-13

organization Maple Club: preset association, currency USD, zone America/New_York
policy paid_through.on = paid
plan Regular: 100.00 every year
fee Newsletter: 15.00 on Regular
member Ann: plan Regular, paid through 2025-12-31

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  = ledger
      Receivable      115.00
      Receivable:Ann  115.00
      Income:Dues       0.00

2026-01-10
  Ann pays 100.00 by check
  = ledger
      Receivable       15.00
      Undeposited     100.00
      Income:Dues    -100.00
  = Ann paid through 2025-12-31                 # with payment in full, not before

2026-01-20
  Ann pays 15.00 by cash
  = Ann paid through 2026-12-31
  = ledger
      Receivable        0.00
      Undeposited     115.00
      Income:Dues    -115.00
