story: A donation whose money goes back is asked for no more, and its receipt is void
shows: A-24, A-25, I-70

organization Hope House: preset ams_nonprofit, currency USD, zone America/New_York
member Ann: by card
member Bob: by bank account
member Cid: by bank account
campaign Roof: goal 100.00

2026-03-02 10:00
  Ann donates 30.00 to Roof
  Bob donates 20.00 to Roof
  Cid donates 10.00 to Roof
  = receipt Ann 30.00
  = no receipt Bob

2026-03-06 10:00
  gateway answers for Bob succeeded
  gateway answers for Cid failed R01
  = receipt Bob 20.00

2026-03-06 12:00
  = invoice 3 void 10.00
  = no receipt Cid
  = campaign Roof 50.00 50%

2026-03-20 10:00
  gateway returns payment 2 R01
  gateway disputes payment 1

2026-03-20 11:00
  = no receipt Bob
  = invoice 2 void 20.00

2026-04-20 10:00
  gateway decides dispute of payment 1 lost

2026-04-20 11:00
  = no receipt Ann
  = invoice 1 void 30.00
  = Ann owes 0.00
  = Bob owes 0.00
  = campaign Roof 0.00 0%
  = ledger
      Clearing 0.00
      Receivable 0.00
      Income:Donations -50.00
      Returns 50.00
