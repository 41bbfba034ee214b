story: A ladder that an outage held up is done in order, with one mail
shows: A-51

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01, by card, autopay on
member Bob: plan Regular, next renewal 2026-03-01, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds

2026-03-01
  = case Ann open since 2026-03-01 next 2026-03-04

2026-03-02
  worker stops

2026-03-09
  = no mail to Ann
  Bob pays 40.00 by check
  worker starts

2026-03-10
  = mail to Ann: second_reminder
  = steps Ann: 2026-03-09 reminder withheld, 2026-03-09 second_reminder
  = case Ann open since 2026-03-01 next 2026-03-15
  = case Bob closed paid

2026-03-14
  worker stops

2026-05-01
  worker starts

2026-05-02
  = Ann is Lapsed
  = mail to Ann: lapsed
  = steps Ann: 2026-03-09 reminder withheld, 2026-03-09 second_reminder, 2026-05-01 final_notice withheld, 2026-05-01 lapsed
  = Bob is Active
