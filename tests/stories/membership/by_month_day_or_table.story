story: Who joins in the middle of a fixed term pays a part of it, as the organization decides
shows: G-34 G-36 G-37 G-38 X14 X17

organization Maple Club: preset association, currency USD, zone America/New_York, fiscal year starts 1
policy term.basis = annual
policy proration.join = months
plan Regular: 200.00 every year
plan Half: 100.00 every year, interval 6 months
plan Whole: 200.00 every year, prorate none
plan Daily: 365.00 every year, prorate days

2026-07-01
  Ann joins Regular
  Bob joins Whole
  Cid joins Daily
  = Ann term 2026-07-01 to 2026-12-31 100.00    # month 7 of 12: 6/12 of 200.00
  = Bob term 2026-07-01 to 2026-12-31 200.00
  = Cid term 2026-07-01 to 2026-12-31 184.00    # 184 of 365 days

2026-08-01
  Dee joins Half
  = Dee term 2026-08-01 to 2026-12-31 41.67     # month 2 of 6: 5/6 of half a year's 50.00

2026-12-01
  Eve joins Regular
  = Eve term 2026-12-01 to 2026-12-31 16.67     # month 12: 1/12

2027-01-01
  Fay joins Regular
  = Fay term 2027-01-01 to 2027-12-31 200.00    # month 1: the whole
  staff sets policy term.basis = anniversary -> refused policy_conflict
  staff sets policy proration.join = none
  Gus joins Regular
  = Gus term 2027-01-01 to 2027-12-31 200.00
