story: Of 100, 80 is paid: the next bill is 120
shows: G-40 G-41
needs balance.carry_previous = on

policy accounting.method = cash                 # with accrual the balance stands in receivables (G-42)
plan Regular: 100 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  Ann pays 80 by check
  = Ann owes 20

2027-01-01
  staff generates renewals "2027" effective 2027-01-01
  = Ann owes 120
