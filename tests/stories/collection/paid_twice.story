story: A check that comes while a debit is under way makes credit of the surplus
shows: I-50 I-53

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by bank account, autopay on

2026-01-02
  staff generates renewals "2026" effective 2026-01-01
  staff submits invoices
  = attempts Ann: 2026-01-02 processing

2026-01-04
  Ann pays 100.00 by check
  = Ann paid through 2026-12-31
  = invoice 1 paid 100.00 balance 0.00

2026-01-06
  gateway answers for Ann succeeded
  = attempts Ann: 2026-01-02 succeeded
  = Ann credit 100.00
  = settlement invoice 1 "Not Settled"           # the money is there and pays no invoice yet
  = ledger
      Clearing      100.00
      Undeposited   100.00
      Credit:Ann   -100.00
      Income:Dues  -100.00

2026-12-20
  staff generates renewals "2027" effective 2027-01-01
  = Ann credit 0.00                             # credit pays the next invoice by itself
  = invoice 2 paid 100.00 balance 0.00
  = Ann paid through 2027-12-31
