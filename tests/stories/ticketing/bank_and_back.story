story: Places wait for a bank debit, stay when the bank takes it back, and are free when their money is refunded at the processor
shows: X24 A-34

organization Maple Club: preset recommended, currency USD, zone America/New_York
member Ann: by bank account
member Bo: by card
ticket event Ball: 20.00, 3 places

2026-03-02 10:00
  Ann buys ticket for Ball
  = tickets Ball: 0 sold, 2 left
  Bo buys 2 tickets for Ball
  = tickets Ball: 2 sold, 0 left

2026-03-06 10:00
  = tickets Ball: 2 sold, 0 left
  gateway answers for Ann succeeded

2026-03-10 10:00
  = tickets Ball: 3 sold, 0 left
  = Ann owes 0.00

2026-03-12 10:00
  gateway returns payment 2 R01

2026-03-20 10:00
  = Ann owes 20.00

2026-03-21 10:00
  gateway refunds 20.00 of payment 1

2026-03-22 10:00
  = tickets Ball: 2 sold, 1 left
