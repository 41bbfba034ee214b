story: The billing cycle's customer types decide who is billed
shows: I-06

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
billing cycle Individuals: types regular, student
billing cycle Companies: types company
member Ann: type regular, plan Regular, paid through 2025-12-31
member Bob: type company, plan Regular, paid through 2025-12-31
member Cid: type student, plan Regular, paid through 2025-12-31

2025-12-10
  staff generates renewals "People" effective 2026-01-01 for Individuals
  = run "People": 2 billed 200.00, 1 skipped
  = skipped Bob other_type
  = invoices Ann: 1
  = invoices Cid: 1
  = invoices Bob: 0

2025-12-11
  staff generates renewals "Firms" effective 2026-01-01 for Companies
  = run "Firms": 1 billed 100.00, 2 skipped
  = invoices Bob: 1
  staff generates renewals "Clubs" effective 2026-01-01 for Clubs -> refused billing_cycle_unknown
