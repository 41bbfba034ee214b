story: An invoice that is voided or credited is not collected any more
shows: I-34 I-52 P-25 P-16 X13 C-40

organization Maple Club: preset association, currency USD, zone America/New_York, starts 2026-01-01
policy accounting.method = accrual
policy collect.submit = by_hand
plan Regular: 120.00 every year
member Ann: plan Regular, joined 2020-01-01, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, joined 2020-01-01, paid through 2025-12-31, by card, autopay on
member Cy: plan Regular, joined 2020-01-01, paid through 2025-12-31, by card, autopay on
member Dot: plan Regular, joined 2020-01-01, paid through 2025-12-31, by card, autopay on
member Eve: plan Regular, joined 2020-01-01, paid through 2025-12-31, by card, autopay on

2026-01-01 09:00
  staff generates renewals "2026" effective 2026-01-01
  staff reviews "2026"
  = submit list: invoice 1, invoice 2, invoice 3, invoice 4, invoice 5
  staff voids invoice 1 because "resigned"
  staff credits invoice 2
  staff credits invoice 3 20.00 because "late news"
  = submit list: invoice 3, invoice 4, invoice 5
  = invoice 1 void 120.00 balance 0.00
  = invoice 2 closed 120.00 balance 0.00
  = invoice 3 sent 120.00 balance 100.00
  = Ann owes 0.00
  = Ann paid through 2025-12-31
  = ledger
      Receivable:Ann       0.00
      Receivable:Bob       0.00
      Receivable:Cy      100.00
      Adjustments        140.00
      Income:Dues       -480.00
  staff voids invoice 1 -> refused invoice_closed
  staff credits invoice 2 -> refused invoice_closed
  staff credits invoice 3 100.01 -> refused amount_invalid

2026-01-02 09:00
  gateway is silent for Dot
  staff submits invoices
  = settlement invoice 4 "In Progress"
  staff voids invoice 4
  gateway answers for Dot succeeded
  staff retrieves payments
  = settlement invoice 4 "Failed to Settle"
  = Dot credit 120.00
  = Cy owes 0.00
  = invoice 3 paid 120.00 balance 0.00
  = invoice 5 paid 120.00
  staff voids invoice 5 -> refused invoice_paid

2026-01-03 09:00
  staff charges Eve 35.00 for "Lost key"
  = invoice 6 paid 35.00
  = payment 4 35.00 succeeded
  = Eve owes 0.00
  Eve removes payment method
  staff charges Eve 10.00 for "Copies" -> refused no_payment_method
  = invoices Eve: 2
