story: Reminders on days 3, 7 and 14, and the owner stays
shows: A-46 A-47 A-48

plan Home: 100 every month
member Ann: plan Home, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds

2026-03-04
  = mail to Ann: reminder

2026-03-08
  = mail to Ann: second_reminder
  = Ann is Active

2026-03-15
  = mail to Ann: final_notice
  = Ann is Past Due

2026-03-31
  = Ann is Past Due
  = Ann owes 100
