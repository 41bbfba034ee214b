story: Dollars, yen and dinars stand side by side, exact, and never in one sum
shows: A-37 A-41

organization Maple Club: preset recommended, currency USD
tax VAT: 20% exclusive
plan Regular: 100.00 EUR every year, currency EUR
member Ann
member Bea: plan Regular, joined 2025-03-01, paid through 2026-02-28, currency EUR

2026-01-10
  staff invoices Ann: 1 x 10.00 "Pen"
  staff invoices Ann: 3 x 333 JPY "Tea" tax VAT
  staff invoices Ann: 1 x 1.005 KWD "Spice" tax VAT
  = invoice 2 sent 1199 JPY
  = invoice 3 sent 1.206 KWD
  staff invoices Ann: 1 x 10.5 JPY "Half a cup" -> refused amount_invalid
  Ann pays 1200 JPY by check: 10.00 for invoice 1 -> refused currency_mismatch
  Ann pays 1200 JPY by check: 1199 JPY for invoice 2
  Ann pays 1.206 KWD by transfer
  = invoice 2 paid 1199 JPY
  = invoice 3 paid 1.206 KWD
  = Ann owes 10.00
  = Ann credit 1 JPY
  = Ann credit 0.00
  = ledger
      Receivable:Ann 10.00
      Receivable:Ann 0 JPY
      Credit:Ann -1 JPY
      Tax -200 JPY
      Tax -0.201 KWD
      Undeposited 1200 JPY
      Bank 1.206 KWD

2026-01-11
  staff unapplies payment 2
  = Ann credit 1.206 KWD
  = ledger
      Receivable:Ann 1.206 KWD
      Tax -0.201 KWD
