story: What is unpaid is followed up on days 3, 7, 14 and 30
shows: A-08 A-46 A-47 A-48 A-49 A-50 X3 X6

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01, by card, autopay on
member Bob: plan Regular, next renewal 2026-03-01, by card, autopay on
member Cy: plan Regular, next renewal 2026-03-01, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds
  gateway declines Cy insufficient_funds

2026-03-01
  = attempts Ann: 2026-03-01 declined
  = no mail to Ann
  = Ann is Active

2026-03-03
  = no mail to Ann

2026-03-04
  = mail to Ann: reminder

2026-03-08
  = mail to Ann: second_reminder
  = mail to Bob: second_reminder

2026-03-09
  gateway accepts Bob
  Bob pays invoice 2 by card

2026-03-14
  = Ann is Active

2026-03-15
  = mail to Ann: final_notice
  = no mail to Bob
  = Ann is "Past Due"
  = Bob is Active

2026-03-30
  = Ann is "Past Due"
  Cy pays 40.00 by check

2026-03-31
  = mail to Ann: lapsed
  = Ann is Lapsed
  = Ann owes 40.00
  = Cy is Active
  = no mail to Bob

2026-06-30
  = no mail to Ann
  = attempts Ann: 2026-03-01 declined
