story: Money for places that were let go buys them anew, or stands as credit
shows: X24 I-52

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
member Bo: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
member Cy: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
ticket event Ball: 20.00, 2 places

2026-03-02 10:00
  gateway is silent for Ann but charges
  gateway is silent for Bo but charges
  Ann buys ticket for Ball
  Bo buys ticket for Ball
  = tickets Ball: 0 sold, 0 left
  Cy buys ticket for Ball -> refused sold_out

2026-03-02 12:00
  = tickets Ball: 0 sold, 0 left
  staff voids invoice 1
  staff voids invoice 2

2026-03-02 12:10
  = tickets Ball: 0 sold, 2 left
  Cy buys ticket for Ball

2026-03-08 10:00
  gateway answers for Ann succeeded
  gateway answers for Bo succeeded

2026-03-08 11:00
  = tickets Ball: 2 sold, 0 left
  = Ann credit 0.00
  = Bo credit 20.00
