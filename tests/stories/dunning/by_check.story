story: Who pays by check is reminded from the due date on
shows: A-46 A-50 C-32

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01
member Bob: plan Regular, next renewal 2026-03-01
member Cy: plan Regular, next renewal 2026-03-01

2026-03-01
  = no open case Ann

2026-03-02
  = case Ann open since 2026-03-01 next 2026-03-04

2026-03-04
  = mail to Ann: reminder
  = no attempts Ann

2026-03-09
  Ann pays 40.00 by check
  staff voids invoice 2 because "left before"
  staff credits invoice 3 40.00
  = no open case Ann
  = case Ann closed paid
  = case Bob closed voided
  = case Cy closed credited

2026-04-10
  = no mail to Ann
  = no mail to Bob
  = Ann is Active
