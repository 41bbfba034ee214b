story: Each plan's dues go to its own income account
shows: G-10 C-19

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
plan Choir: 40.00 every year, income Income:Choir, fund Music
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Choir, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  Ann pays 100.00 by check
  Bob pays 40.00 by check
  = ledger
      Undeposited    140.00
      Income:Dues   -100.00
      Income:Choir   -40.00
