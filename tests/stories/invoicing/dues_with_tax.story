story: Dues bear tax, at the rate of the term's first day; part payments take their part of it, and cash books it then
shows: A-14 C-19

organization Hall: preset community, currency USD, zone UTC
policy collect.offsets = [0]
tax VAT: 20% exclusive
tax GST: 10% inclusive
plan Member: 100.00 every month, tax VAT, fund Hall
fee Locker: 10.00 on Member
fee Gift: 5.00 on Member, voluntary
plan Guest: 110.00 every month, tax GST
member Ann: by card
member Bea

2026-01-01
  Ann joins Member by card
  = invoice 1 paid 137.00
  = Ann term 2026-01-01 to 2026-01-31 137.00
  = Ann next charge 137.00 on 2026-02-01
  = ledger
      Clearing 137.00
      Tax -22.00
      Income:Dues -110.00
      Income:Donations -5.00
  Bea joins Guest by check
  = ledger
      Tax -32.00
      Income:Dues -210.00

2026-01-02
  staff invoices Bea: 1 x 50.00 "Hire" tax VAT
  = invoice 3 sent 60.00 balance 60.00
  Bea pays 30.00 by check for invoice 3
  = ledger
      Tax -37.00
      Income:Other -25.00
      Receivable:Bea 30.00
  staff credits invoice 3 12.00
  = invoice 3 sent 60.00 balance 18.00
  Bea pays 18.00 by cash for invoice 3
  = ledger
      Tax -40.00
      Income:Other -40.00
      Receivable:Bea 0.00

2026-01-03
  staff refunds payment 1 68.50
  = payment 1 137.00 partly refunded
  = ledger
      Tax -29.42    # back: the gift, the locker with its tax, and 51.50 of the dues, of it 8.58 tax
