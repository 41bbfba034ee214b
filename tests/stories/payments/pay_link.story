story: Whoever has the link pays the invoice, once, with a card that is used for it alone
shows: A-15 A-16 X26

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
plan Friend: 20.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bo: plan Regular, paid through 2025-12-31
member Cy: plan Friend, paid through 2025-12-31, by bank account, autopay on

2026-01-01
  gateway declines Ann insufficient_funds
  gateway declines Bo insufficient_funds
  staff generates renewals "2026" effective 2026-01-01
  staff sends invoice 2
  = mail to Bo: invoice
  = invoices Bo: 1

2026-01-02
  staff sends invoice 2 because "Bo lost the first mail"
  staff sends invoice 2 50.00 -> refused amount_invalid
  = mail to Bo: invoice
  = invoices Bo: 1
  = invoice 2 overdue 100.00 balance 100.00

2026-01-03 10:00
  visitor pays invoice 2 by card
  = invoice 2 paid 100.00 balance 0.00
  = attempts Bo: 2026-01-03 succeeded
  = Bo paid through 2026-12-31
  = mail to Bo: receipt
  visitor pays invoice 2 -> refused invoice_paid
  staff sends invoice 2 -> refused invoice_paid
