story: Annual terms are the same for everybody and follow the fiscal year
shows: G-17 G-19 X17

organization Maple Club: preset association, currency USD, zone America/New_York, fiscal year starts 4
plan Regular: 120.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2026-03-31
member Bob: plan Regular, joined 2019-10-20, paid through 2026-03-31

2026-03-01
  staff generates renewals "FY27" effective 2026-04-01
  = Ann term 2026-04-01 to 2027-03-31 120.00
  = Bob term 2026-04-01 to 2027-03-31 120.00

2026-07-20
  Cid joins Regular by check
  = Cid term 2026-07-01 to 2027-03-31 120.00    # from the first of the month, in full

2027-03-01
  staff generates renewals "FY28" effective 2027-04-01
  = Cid term 2027-04-01 to 2028-03-31 120.00
