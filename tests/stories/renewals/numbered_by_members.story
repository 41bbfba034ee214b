story: Within a run invoices are numbered in the order of the members
shows: I-13 I-18

organization Maple Club: preset association, currency USD, zone America/New_York, fiscal year starts 7
policy term.basis = annual
plan Regular: 120.00 every year
member Ann
member Bob: plan Regular, paid through 2026-06-30

2026-05-20
  Ann joins Regular by check                    # her membership is younger than Bob's
  = invoices Ann: 1

2026-06-01
  staff generates renewals "FY27" effective 2026-07-01
  = run "FY27": 2 billed 240.00, 0 skipped
  Ann pays invoice 2 by card
  = Ann paid through 2027-06-30
  = Bob owes 120.00
