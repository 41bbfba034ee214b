story: A case stands still while it is paused, or while an arrangement is kept
shows: A-44 A-52

organization Maple Club: preset recommended, currency USD, zone America/New_York, starts 2026-02-20
plan Regular: 90.00 every year
member Ann: plan Regular, next renewal 2026-03-01
member Bob: plan Regular, next renewal 2026-03-01
member Cy: plan Regular, next renewal 2026-03-01, by card, autopay on
member Dot: plan Regular, next renewal 2026-03-01

2026-02-20
  gateway declines Cy insufficient_funds

2026-03-02
  = case Ann open since 2026-03-01 next 2026-03-04
  staff pauses Ann until 2026-03-02 -> refused past_date
  staff pauses Ann until 2026-03-12
  staff arranges Bob pays 30.00 by 2026-03-10, 70.00 by 2026-03-20 -> refused arrangement_invalid
  staff arranges Bob pays 30.00 by 2026-03-10, 60.00 by 2026-08-20 -> refused arrangement_too_long
  staff arranges Bob pays 30.00 by 2026-03-10, 60.00 by 2026-03-20
  staff pauses Cy until 2026-03-09
  staff skips next step of Dot
  = case Ann open since 2026-03-01 next 2026-03-14

2026-03-08
  = attempts Cy: 2026-03-01 declined, 2026-03-02 declined
  = no mail to Cy
  = mail to Dot: second_reminder
  staff closes case of Dot because "moved away"
  Bob pays 30.00 by check

2026-03-13
  = no mail to Ann
  = mail to Cy: reminder
  = no mail to Dot

2026-03-14
  = mail to Ann: reminder

2026-03-20
  = no mail to Bob

2026-03-25
  = mail to Bob: reminder
  = no mail to Dot
