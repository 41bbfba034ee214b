story: A place that is not paid for in time is somebody else's
shows: X24 X25

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
ticket event Ball: 20.00, 1 place

2026-03-02 10:00
  visitor orders ticket for Ball
  = tickets Ball: 0 sold, 0 left
  Ann buys ticket for Ball -> refused sold_out

2026-03-02 10:20
  = tickets Ball: 0 sold, 1 left
  gateway declines Ann insufficient_funds
  Ann buys ticket for Ball
  = tickets Ball: 0 sold, 1 left
  = Ann owes 0.00

2026-03-02 10:30
  visitor buys ticket for Ball
  = tickets Ball: 1 sold, 0 left
