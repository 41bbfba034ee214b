story: A pledge of 1,000 in three, each billed on its date, fulfilled by money
shows: A-26 A-27 A-28

organization Hope House: preset ams_nonprofit, currency USD, zone America/New_York
campaign Roof: goal 2000.00
member Ann

2026-01-10
  Ann pledges 1000.00 in 3 monthly installments from 2026-02-01 to Roof
  Ann pledges 0 in 3 monthly installments from 2026-02-01 -> refused amount_invalid
  Ann pledges 9.00 in 3 monthly installments from 2026-01-01 -> refused due_before_bill
  = pledge Ann 0%
  = invoices Ann: 0

2026-02-01
  = invoice 1 sent 333.33
  = mail to Ann: invoice

2026-02-03
  Ann pays 333.33 by check for invoice 1
  = pledge Ann 33%
  = campaign Roof 333.33 17%

2026-04-01
  = invoices Ann: 3
  = invoice 3 sent 333.34
  Ann pays 100.00 by check for invoice 3
  = pledge Ann 43%
  = ledger
      Income:Donations  -433.33

2026-12-31
  = invoices Ann: 3
