story: Staff say what money pays, take it off again, and apply the credit elsewhere
shows: A-41 G-02

organization Maple Club: preset recommended, currency USD
policy credit.apply = ask
tax VAT: 20% exclusive
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2025-03-01, paid through 2026-02-28
member Bob

2026-01-10
  staff invoices Ann: 1 x 60.00 "Course" tax VAT
  staff invoices Ann: 1 x 30.00 "Book"
  staff invoices Bob: 1 x 10.00 "Pen"
  Ann pays 200.00 by check: 36.00 for invoice 1, 31.00 for invoice 2 -> refused allocation_exceeds_balance
  Ann pays 20.00 by check: 36.00 for invoice 1 -> refused allocation_exceeds_payment
  Ann pays 50.00 by check: 10.00 for invoice 3 -> refused invoice_unknown
  Ann pays 60.00 by check: 36.00 for invoice 1, 10.00 for invoice 2
  = invoice 1 sent 72.00 balance 36.00
  = invoice 2 sent 30.00 balance 20.00
  = Ann credit 14.00
  = Ann owes 56.00
  = ledger
      Undeposited 60.00
      Receivable:Ann 56.00
      Credit:Ann -14.00
      Tax -12.00

2026-01-12
  staff unapplies payment 1 from invoice 2
  = invoice 2 overdue 30.00 balance 30.00
  = Ann credit 24.00
  staff applies credit of Ann: 30.00 for invoice 1 -> refused credit_exceeded
  staff applies credit of Ann: 24.00 for invoice 1
  = invoice 1 overdue 72.00 balance 12.00
  = Ann credit 0.00
  staff unapplies payment 1 from invoice 2 -> refused nothing_applied
  Ann pays 15.00 by cash on account
  = Ann credit 15.00
  = Ann owes 42.00
  staff applies credit of Ann: 12.00 for invoice 1, 3.00 for invoice 2
  = invoice 1 paid 72.00
  = invoice 2 overdue 30.00 balance 27.00
  = ledger
      Undeposited 75.00
      Receivable:Ann 27.00
      Credit:Ann 0.00

2026-01-13
  staff sets policy payment.allocation = on_account
  Ann pays 5.00 by cash
  = Ann credit 5.00
  staff sets policy payment.allocation = newest_first
  staff invoices Ann: 1 x 10.00 "Late fee" due 2026-06-01
  Ann pays 6.00 by cash
  = invoice 4 sent 10.00 balance 4.00
  = invoice 2 overdue 30.00 balance 27.00

2026-01-14
  staff refunds payment 1 20.00
  staff unapplies payment 1
  = invoice 1 overdue 72.00 balance 40.00
  = Ann credit 45.00
  staff reverses payment 1
  = payment 1 60.00 reversed
  = Ann credit 5.00
