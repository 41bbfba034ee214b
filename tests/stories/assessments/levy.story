story: A roof is levied by share, to the cent
shows: A-31

organization Maple Court: preset ams_hoa, currency USD, zone America/New_York
policy late_fee = off
member Ann
member Bob
member Cy
unit A1: share 1, owner Ann
unit A2: share 1, owner Ann
unit A3: share 1, owner Bob
unit A4: share 1, owner Bob
unit A5: share 1, owner Bob
unit A6: share 1, owner Cy
unit A7: share 1, owner Cy

2026-03-01
  staff levies 10000.00 "Roof repair" by share due 2026-04-01
  = unit A1 owes 1428.58
  = unit A4 owes 1428.57
  = unit A7 owes 1428.57
  = Ann owes 2857.15
  = ledger
      Receivable          10000.00
      Income:Assessments -10000.00

2026-03-15
  staff levies 0 "Nothing" equally due 2026-04-01 -> refused amount_invalid
  Ann pays 1428.58 by check for invoice 1
  = unit A1 owes 0

2026-04-02
  = invoice 2 overdue 1428.57
