story: Reminders on days 3, 7 and 14, lapsed on day 30
shows: A-46 A-47 A-48 A-49

plan Regular: 100 every year
member Ann: plan Regular, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds
  = Ann is Active

2026-03-04
  = mail to Ann: reminder

2026-03-08
  = mail to Ann: second_reminder
  = Ann is Active

2026-03-15
  = mail to Ann: final_notice
  = Ann is Past Due

2026-03-30
  = Ann is Past Due

2026-03-31
  = Ann is Lapsed
