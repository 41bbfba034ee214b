story: A campaign is as far as the money that it has, from members and from anybody with its link
shows: A-20 A-21 A-22 A-23 A-43 C-06

organization Shelter: preset ams_nonprofit, currency USD, zone America/Chicago
plan Friend: 50.00 every year
member Ann: plan Friend, joined 2026-01-01, paid through 2026-12-31, by card
member Bob: plan Friend, joined 2026-01-01, paid through 2026-12-31, no method
campaign Roof: goal 100.00 from 2026-03-01 to 2026-06-30

2026-03-02 10:00
  = campaign Roof 0.00 0%
  Ann donates 25.00 to Roof
  = invoice 1 paid 25.00
  = campaign Roof 25.00 25%
  = Ann owes 0.00
  = Ann paid through 2026-12-31
  = ledger
      Income:Donations  -25.00

2026-03-03 10:00
  visitor donates 10.50 to Roof
  = campaign Roof 35.50 36%
  Ann donates 5.00
  = campaign Roof 35.50 36%

2026-03-04 10:00
  Bob donates 5.00 to Roof -> refused no_payment_method
  Ann donates 0.00 to Roof -> refused amount_invalid
  Ann donates 10.00 EUR to Roof -> refused currency_mismatch
  staff refunds payment 1
  = campaign Roof 10.50 11%

2026-06-30 23:00
  Ann donates 1.00 to Roof
  = campaign Roof 11.50 12%

2026-07-01 10:00
  Ann donates 1.00 to Roof -> refused campaign_closed
  = campaign Roof 11.50 12%
