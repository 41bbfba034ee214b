story: A recurring invoice comes on its day, at the end of short months too, once
shows: A-11

organization Loft: preset coworking, currency EUR, zone Europe/Berlin
tax MwSt: 19% inclusive
member Ann: email ann@example.org

2026-01-31
  staff invoices Ann: 1 x 119.00 "Storage" tax MwSt due 2026-02-14 every month
  = invoices Ann: 1
  = ledger
      Tax -19.00
      Income:Other -100.00

2026-03-30
  = invoices Ann: 2
  = invoice 2 overdue 119.00 balance 119.00

2026-03-31
  = invoices Ann: 3
  = mail to Ann: invoice
  = Ann owes 357.00

2026-04-01
  worker stops

2026-06-15
  worker starts
  = invoices Ann: 5
