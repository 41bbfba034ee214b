story: A donation that is declined is owed by nobody, and nobody is dunned for it
shows: A-24

organization Shelter: preset ams_nonprofit, currency USD, zone America/Chicago
plan Friend: 50.00 every year
member Ann: plan Friend, joined 2026-01-01, paid through 2026-12-31, by card
campaign Roof: goal 100.00

2026-03-02 10:00
  gateway declines Ann insufficient_funds
  Ann donates 25.00 to Roof
  = invoice 1 void 25.00
  = Ann owes 0.00
  = Ann is Active
  = campaign Roof 0.00 0%
  = ledger
      Receivable  0.00
      Income:Donations  0.00

2026-05-02 10:00
  = Ann is Active
  = no mail to Ann
