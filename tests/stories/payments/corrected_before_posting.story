story: What staff recorded wrongly is put right while its batch is open
shows: G-04

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31
member Bob: plan Regular, paid through 2025-12-31, by card

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  Ann pays 10.00 by check                       # it was 100.00
  = Ann paid through 2025-12-31
  staff corrects payment 1 to 100.00 by cash
  = Ann paid through 2026-12-31
  = Ann owes 0.00
  = payment 1 10.00 reversed
  = payment 2 100.00 succeeded
  = ledger
    Undeposited  100.00
    Income:Dues -100.00
    Returns        0.00

2026-01-02
  Bob pays invoice 2 by card
  staff corrects payment 3 to 50.00 by cash -> refused payment_not_recorded
  staff posts batch 2
  staff corrects payment 2 to 90.00 -> refused batch_posted
  = Ann owes 0.00
