story: A plan with a table of its own is prorated by it; one without pays in full
shows: G-38

organization Maple Club: preset association, currency USD, zone America/New_York, fiscal year starts 7
policy proration.join = table
prorate Halves: 12 factors, month 1 first: 1.00 1.00 1.00 1.00 1.00 1.00 0.50 0.50 0.50 0.50 0.50 0.25
plan Regular: 99.99 every year, prorate table Halves
plan Student: 30.00 every year
plan Family: 120.00 every year, prorate months

2026-07-10
  Ann joins Regular by check
  = Ann term 2026-07-01 to 2027-06-30 99.99

2027-01-10                                      # month 7 of the fiscal year
  Bob joins Regular by check
  Cid joins Student by check
  Dee joins Family by check
  = Bob term 2027-01-01 to 2027-06-30 50.00     # half of 99.99, rounded half up
  = Cid term 2027-01-01 to 2027-06-30 30.00     # no table: the full price
  = Dee term 2027-01-01 to 2027-06-30 60.00     # the plan's own rule

2027-06-10
  Eve joins Regular by check
  = Eve term 2027-06-01 to 2027-06-30 25.00
