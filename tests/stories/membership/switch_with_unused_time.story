story: What is not used of a paid term is credited to the day, and pays a part of the new plan
shows: X15 P-31

organization Harbor Club: preset recommended, currency USD, zone America/New_York
policy switch.effective.member = now
plan Basic: 31.00 every month
plan Plus: 60.00 every month

2026-03-01
  Ann joins Basic by card
  Bob joins Basic by card
  Cid joins Basic
  = attempts Ann: 2026-03-01 succeeded
  = Ann paid through 2026-03-31
  staff sets policy term.late_payment for membership of Ann = keep_anchor

2026-03-21
  staff switches Ann to Plus                    # 11 of 31 days are left: 31.00 × 11/31 = 11.00
  Bob switches to Plus
  staff switches Cid to Plus                    # has paid nothing: 20 days are owed, 11 are not
  = Ann is on Plus
  = policy term.late_payment for Ann from subscription = keep_anchor     # what was decided for her alone goes along
  = attempts Ann: 2026-03-01 succeeded, 2026-03-21 succeeded
  = payment 3 49.00 succeeded
  = Ann term 2026-03-21 to 2026-04-20 60.00
  = Ann credit 0.00
  = Ann owes 0.00
  = attempts Bob: 2026-03-01 succeeded, 2026-03-21 succeeded
  = Cid owes 80.00
  = Cid is Pending

2026-03-22
  staff switches Bob to Basic                   # 30 of 31 days of Plus are left, 58.06; Basic costs 31.00
  = Bob credit 27.06
  = Bob next charge 31.00 on 2026-04-22
  = attempts Bob: 2026-03-01 succeeded, 2026-03-21 succeeded
