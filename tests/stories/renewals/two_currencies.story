story: One run bills members in dollars, euros and yen, each in the currency of the plan
shows: A-37 A-38 G-41 I-13

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = annual
policy balance.carry_previous = on
plan Regular: 100.00 every year
plan Abroad: 90.00 EUR every year, currency EUR
plan Tokyo: 9000 JPY every year, currency JPY
member Ann: plan Regular, joined 2015-01-01, paid through 2025-12-31
member Bob: plan Abroad, joined 2015-01-01, paid through 2025-12-31, currency EUR, by card, autopay on
member Cy: plan Tokyo, joined 2015-01-01, paid through 2025-12-31
member Dee: currency EUR

2026-01-01 09:00
  Dee pays 5.00 EUR by check
  staff generates renewals "2026" effective 2026-01-01
  = run "2026": 3 billed 100.00, 0 skipped
  = run "2026": 3 billed 90.00 EUR, 0 skipped
  = run "2026": 3 billed 9000 JPY, 0 skipped
  = invoice 2 sent 90.00 EUR
  = batch "2026" open 90.00 EUR dated 2026-01-01
  staff reviews "2026"
  staff submits invoices
  = payment 2 90.00 EUR succeeded
  = Bob paid through 2026-12-31
  Cy pays 8000 JPY by transfer
  = Cy owes 1000 JPY
  = ledger
      Receivable:Ann 100.00
      Receivable:Cy 1000 JPY
      Income:Dues -90.00 EUR

2027-01-01 09:00
  staff generates renewals "2027" effective 2027-01-01
  = invoice 6 sent 10000 JPY
  = Cy owes 10000 JPY
  = run "2027": 3 billed 10000 JPY
