story: On accrual a pledge is income when it is made, and stands in Pledges until it is billed
shows: A-26 A-27

organization Hope House: preset recommended, currency USD, zone America/New_York
member Ann

2026-01-10
  Ann pledges 1000.00 in 4 quarterly installments from 2026-02-01
  = ledger
      Pledges           1000.00
      Income:Donations -1000.00
      Receivable           0.00

2026-02-01
  = invoice 1 sent 250.00
  = Ann owes 250.00
  = ledger
      Pledges            750.00
      Income:Donations -1000.00
      Receivable         250.00

2026-02-05
  Ann pays 250.00 by check
  = pledge Ann 25%
  = ledger
      Receivable           0.00
      Income:Donations -1000.00
      Undeposited        250.00

