story: Where nothing ends for not paying, the case stays open
shows: X3 A-44

organization Elm Court: preset ams_hoa, currency USD, zone America/New_York, starts 2025-12-20
plan Lot: 40.00 every year
member Ann: plan Lot, next renewal 2026-01-01, by card, autopay on

2025-12-20
  gateway declines Ann insufficient_funds

2026-02-15
  = mail to Ann: reminder, second_reminder, final_notice
  = Ann is "Past Due"
  = case Ann open since 2026-01-01

2026-06-01
  = no mail to Ann
  Ann pays 40.00 by check
  = case Ann closed paid
  = Ann is Active
