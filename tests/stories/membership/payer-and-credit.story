story: A gift by an association run: the giver's credit pays, a switch stays theirs to agree to
shows: C-25

organization Elm: preset association, currency USD, zone America/New_York, starts 2026-01-01
policy accounting.method = cash
policy balance.carry_previous = on
policy credit.apply = auto
plan Regular: 100.00 every year
plan Plus: 150.00 every year
member Gran
member Ann: plan Regular, joined 2020-01-01, paid through 2025-12-31

2026-01-01
  Gran pays 30.00 by check
  Gran pays for Ann
  staff generates renewals "2026" effective 2026-01-01
  = run "2026": 1 billed 100.00, 0 skipped
  = Gran owes 70.00
  = Ann owes 0
  = Ann renewed through 2026-12-31
  Ann switches to Plus -> refused paid_by_another

2026-03-01
  Gran pays 70.00 by check
  = Ann paid through 2026-12-31
  = mail to Gran: receipt
  = Gran owes 0

# a former payer's balance is not carried on to the next one's bill
2026-12-01
  staff generates renewals "2027" effective 2027-01-01
  = Gran owes 100.00
  Gran stops paying for Ann

2027-12-01
  staff generates renewals "2028" effective 2028-01-01
  = run "2028": 1 billed 100.00, 0 skipped
  = Gran owes 100.00
  = Ann owes 100.00
