story: A monthly gift is charged once for each date, survives a canceled membership, and is paused when its tries are used up
shows: A-20 A-23

organization Shelter: preset ams_nonprofit, currency USD, zone America/Chicago
policy collect.offsets = [0, 2]
policy collect.max_attempts = 2
plan Friend: 50.00 every year
member Ann: plan Friend, joined 2026-01-01, paid through 2026-12-31, by card
campaign Roof: goal 100.00 from 2026-01-01 to 2026-03-15

2026-01-31 10:00
  Ann donates 10.00 to Roof every month
  = campaign Roof 10.00 10%
  staff cancels Ann

2026-02-28 23:00
  = invoices Ann: 2
  = campaign Roof 20.00 20%

2026-03-30 10:00
  = invoices Ann: 2

2026-03-31 23:00
  = invoices Ann: 3
  = invoice 3 paid 10.00
  = campaign Roof 20.00 20%

2026-04-30 00:00
  gateway declines Ann insufficient_funds

2026-05-01 10:00
  = invoice 4 overdue 10.00
  = Ann owes 0.00

2026-05-03 10:00
  = invoice 4 void 10.00

2026-08-01 10:00
  = invoices Ann: 4
