story: Word of a return that comes during an outage is kept, and worked once
shows: I-65 I-70

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy accounting.defer = none
policy proration.join = none
plan Regular: 100.00 every year
member Ann

2026-03-01 09:00
  Ann joins Regular by card
  gateway sends event twice
  = payment 1 100.00 succeeded
  = ledger
      Clearing 100.00

2026-03-03 09:00
  worker stops
  gateway returns payment 1 R10
  gateway sends event twice
  = payment 1 100.00 succeeded
  = Ann owes 0.00

2026-03-05 09:00
  worker starts
  = payment 1 100.00 returned
  = Ann owes 100.00
  = Ann is "Past Due"
  = ledger
      Clearing 0.00
      Receivable:Ann 100.00
