story: A paid donation has a receipt; money that goes back replaces or voids it
shows: A-25

organization Hope House: preset ams_nonprofit, currency USD, zone America/New_York
member Ann: by card
member Bob: by card

2026-03-01
  Ann donates 300.00
  = receipt Ann 300.00
  = mail to Ann: tax_receipt
  = no receipt Bob

2026-03-02
  gateway declines Bob insufficient_funds
  Bob donates 50.00
  = no receipt Bob

2026-03-05
  staff refunds payment 1 100.00
  = receipt Ann 200.00
  = mail to Ann: tax_receipt

2026-03-06
  staff refunds payment 1
  = no receipt Ann
