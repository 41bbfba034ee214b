story: A non-recurring membership is billed once and never again
shows: P-23

organization Mill Works: preset coworking, currency USD, zone America/Denver
plan Day Pass: 25.00, non-recurring
plan Hot Desk: 150.00 every month
member Cid: plan "Day Pass", joined 2026-01-02, by card

2026-02-03
  Ann joins "Day Pass" by card
  Bob joins "Hot Desk" by card
  = attempts Ann: 2026-02-03 succeeded
  = Ann no next charge
  = Cid no next charge
  = Bob next charge 150.00 on 2026-03-03

2026-06-04
  = attempts Ann: 2026-02-03 succeeded
  = invoices Ann: 1
  = no attempts Cid
  = invoices Bob: 5
