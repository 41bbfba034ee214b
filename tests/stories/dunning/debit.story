story: A bank debit is followed up from the bank's notice, and not while the bank is silent
shows: P-18 X22

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01, by bank account, autopay on
member Bob: plan Regular, next renewal 2026-03-01, by bank account, autopay on

2026-03-04
  = attempts Ann: 2026-03-01 processing
  = no mail to Ann
  = no open case Ann

2026-03-05 10:00
  gateway answers for Ann failed R01
  gateway answers for Bob succeeded
  = case Ann open since 2026-03-05 next 2026-03-08

2026-03-08
  = mail to Ann: reminder
  = no mail to Bob

2026-03-09
  gateway returns payment 1 R01
  = case Bob open since 2026-03-09 next 2026-03-12

2026-03-18
  = Ann is Active

2026-03-19
  = Ann is "Past Due"
  = mail to Ann: final_notice
