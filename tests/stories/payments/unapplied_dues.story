story: A payment that is taken off the dues takes the paid-through date with it
shows: G-10 I-65

organization Maple Club: preset association, currency USD
policy credit.apply = ask
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2015-01-01, paid through 2025-12-31

2025-12-01
  staff generates renewals "2026" effective 2026-01-01
  Ann pays 100.00 by check
  = Ann paid through 2026-12-31
  = ledger
      Income:Dues -100.00
      Receivable 0.00

2025-12-05
  staff unapplies payment 1
  = Ann paid through 2025-12-31
  = Ann credit 100.00
  = invoice 1 sent 100.00 balance 100.00
  = ledger
      Income:Dues 0.00
      Credit:Ann -100.00
      Receivable 100.00
  staff applies credit of Ann: 100.00 for invoice 1
  = Ann paid through 2026-12-31
  = invoice 1 paid 100.00
  = payment 1 100.00 succeeded
