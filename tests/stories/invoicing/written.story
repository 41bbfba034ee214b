story: An invoice for any purpose, with tax on one of its lines, a draft first
shows: A-10 A-12 A-13 A-14 A-15 A-16 A-17 A-18

organization Loft: preset coworking, currency USD, zone UTC
tax VAT: 20% exclusive
plan Desk: 200.00 every month
member Ann: email ann@example.org

2026-03-01
  staff invoices Ann: 2 x 12.50 "Lockers" tax VAT, 1 x 5.00 "Key" due 2026-03-10
  = invoice 1 sent 35.00 balance 35.00
  = mail to Ann: invoice
  = Ann owes 35.00
  = ledger
      Receivable:Ann 35.00
      Tax -5.00
      Income:Other -30.00

2026-03-02
  staff sends invoice 1
  = invoices Ann: 1
  = mail to Ann: invoice

2026-03-03
  staff invoices "Zoe Guest <zoe@example.org>": 1 x 40.00 "Room hire" draft
  = invoice 2 draft 40.00
  = no mail to "Zoe Guest"

2026-03-04
  staff sends invoice 2
  = invoice 2 sent 40.00 balance 40.00
  = mail to "Zoe Guest": invoice
  visitor pays invoice 2 by card
  = invoice 2 paid 40.00
  staff voids invoice 2 -> refused invoice_paid

2026-03-11
  = invoice 1 overdue 35.00 balance 35.00
  Ann pays 10.00 by check for invoice 1
  = invoice 1 overdue 35.00 balance 25.00
  staff credits invoice 1 12.00
  = invoice 1 overdue 35.00 balance 13.00
  Ann pays 13.00 by cash for invoice 1
  = invoice 1 paid 35.00
  = ledger
      Receivable:Ann 0.00

2026-03-12
  staff invoices Ann: 1 x 1.00 "A mistake" draft
  staff voids invoice 3
  = invoice 3 void 1.00
  staff sends invoice 3 -> refused invoice_closed
