story: What the bank is deciding about is not given back
shows: A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann

2026-03-01
  Ann joins Regular by card
  = payment 1 100.00 succeeded

2026-03-10
  gateway disputes payment 1
  staff refunds payment 1 30.00 -> refused payment_disputed
  staff records refund of payment 1 30.00 by check -> refused payment_disputed
  = payment 1 100.00 disputed

2026-03-20
  gateway decides dispute of payment 1 won
  = payment 1 100.00 succeeded
  staff refunds payment 1 30.00
  = refund 1 30.00 done
  = payment 1 100.00 partly refunded
