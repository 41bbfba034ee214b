story: A changed ladder is for new cases, until staff say otherwise
shows: A-52

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01, by card, autopay on
member Bob: plan Regular, next renewal 2026-03-10, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds

2026-03-02
  staff sets policy dunning.mail_days = [5, 10]

2026-03-04
  = mail to Ann: reminder
  = case Ann open since 2026-03-01 next 2026-03-08

2026-03-13
  = no mail to Bob

2026-03-15
  = mail to Bob: reminder
  = mail to Ann: final_notice

2026-03-16
  staff sets policy dunning.mail_days = [5, 7, 9]
  staff lets open cases adopt the ladder
  = case Bob open since 2026-03-10 next 2026-03-17

2026-03-19
  = mail to Bob: second_reminder, final_notice
  = no mail to Ann
