story: With cash accounting a refund lowers what was received
shows: A-34 G-11

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on

2025-12-10
  staff generates renewals "2026" effective 2026-01-01
  staff reviews "2026"
  staff submits invoices due by 2026-01-01
  = payment 1 100.00 succeeded

2026-01-10
  staff refunds payment 1 40.00
  = payment 1 100.00 partly refunded
  = invoice 1 paid 100.00
  = Ann owes 0.00
  = Ann paid through 2026-12-31
  = ledger
      Clearing         60.00
      Income:Dues    -100.00
      Returns          40.00
      Receivable        0.00
      Refunds payable   0.00
  = batch "Refunds 2026-01-10" open 80.00
