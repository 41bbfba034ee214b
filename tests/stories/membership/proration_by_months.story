story: Who joins an annual plan in month 7 pays six twelfths
shows: G-18 G-34 G-37

organization Maple Club: preset association, currency USD, zone America/New_York
policy proration.join = months
plan Regular: 200.00 every year
plan Half: 60.00 every 6 months
member Old: plan Regular, paid through 2025-12-31

2026-01-20
  Ann joins Regular by check
  = Ann term 2026-01-01 to 2026-12-31 200.00    # month 1: the whole fee
  staff generates renewals "2026" effective 2026-01-01
  = Old term 2026-01-01 to 2026-12-31 200.00    # renewals are not prorated

2026-07-20
  Bob joins Regular by check
  = Bob term 2026-07-01 to 2026-12-31 100.00

2026-11-05
  Cid joins Half by check
  = Cid term 2026-11-01 to 2026-12-31 20.00     # month 5 of 6: two sixths

2026-12-31
  Dee joins Regular by check
  = Dee term 2026-12-01 to 2026-12-31 16.67     # 1/12 of 200.00, rounded half up
