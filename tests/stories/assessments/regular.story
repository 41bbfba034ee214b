story: Three homes are assessed monthly, quarterly and yearly
shows: A-29 A-30

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
member Ann: by card
member Bob: by card, autopay off
member Cy: by card
unit 1A: share 40, owner Ann
unit 1B: share 35, owner Bob
unit 1C: share 25, owner Cy

2025-12-01
  staff assesses 1A 100.00 every month from 2026-01-01
  staff assesses 1B 300.00 every quarter from 2026-01-01
  staff assesses 1C 1200.00 every year from 2026-01-01
  = invoices Ann: 0

2026-01-01
  = invoice 1 paid 100.00
  = invoice 2 sent 300.00 balance 300.00
  = invoice 3 paid 1200.00
  = unit 1A owes 0
  = unit 1B owes 300.00
  = Bob owes 300.00
  = mail to Bob: invoice
  = ledger
      Income:Assessments  -1600.00
      Receivable           300.00
      Receivable:1B        300.00

2026-12-31
  = invoices Ann: 12
  = invoices Bob: 4
  = invoices Cy: 1
  = unit 1B owes 1200.00
