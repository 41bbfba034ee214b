story: A visitor gives every month, with a card that is kept for that gift alone
shows: A-20 A-21 A-23

organization Shelter: preset ams_nonprofit, currency USD, zone America/Chicago
policy collect.offsets = [0, 2]
policy collect.max_attempts = 2
plan Friend: 50.00 every year
member Ann: plan Friend, joined 2026-01-01, paid through 2026-12-31, by card
campaign Roof: goal 100.00

2026-01-31 10:00
  visitor donates 10.00 to Roof every month
  = campaign Roof 10.00 10%
  = invoice 1 paid 10.00
  = mail to Visitor: gift_begun
  = mail to Visitor: receipt

2026-02-28 23:00
  = invoice 2 paid 10.00
  = campaign Roof 20.00 20%
  = mail to Visitor: receipt

2026-03-30 10:00
  = campaign Roof 20.00 20%
  = no mail to Visitor

2026-03-31 23:00
  gateway declines Visitor insufficient_funds
  = campaign Roof 30.00 30%

2026-05-03 10:00
  = invoice 4 void 10.00
  = Visitor owes 0.00
  = mail to Visitor: gift_paused

2026-08-01 10:00
  = campaign Roof 30.00 30%
  = no mail to Visitor
