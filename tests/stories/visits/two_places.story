story: A second tap is the same visit, a tap at another place is another visit
shows: C-27 C-29

organization Riverside: preset community, currency USD, zone America/Chicago
visit price Pool: non-member 10.00, overage 4.00
visit price Gym: non-member 7.00, overage 3.00
member Ann

2026-01-05 09:00
  Ann visits Pool
  Ann visits Gym
  Ann visits Pool
  Ann visits Gym
  = invoices Ann: 2
  = Ann owes 17.00
