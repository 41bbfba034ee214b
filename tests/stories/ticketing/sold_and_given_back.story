story: Tickets are sold to members and to anybody, as many as there are, and given back
shows: A-01 A-03 A-34 A-43 C-06 X24 X25

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
member Bo: plan Regular, joined 2026-01-01, paid through 2026-12-31, no method
member Cy: plan Regular, joined 2026-01-01, paid through 2026-12-31, by card
ticket event Ball: 20.00, 3 places, on 2026-03-31
ticket event Talk: 0.00, 1 place

2026-03-02 10:00
  Ann buys 2 tickets for Ball
  = invoice 1 paid 40.00 balance 0.00
  = tickets Ball: 2 sold, 1 left
  = Ann owes 0.00
  = Ann paid through 2026-12-31
  = ledger
      Income:Tickets  -40.00
  Cy buys 2 tickets for Ball -> refused sold_out
  Bo buys ticket for Ball -> refused no_payment_method
  Ann buys 0 tickets for Ball -> refused amount_invalid
  visitor buys ticket for Ball
  = tickets Ball: 3 sold, 0 left
  Cy buys ticket for Ball -> refused sold_out
  Bo buys ticket for Talk
  = tickets Talk: 1 sold, 0 left
  = Bo owes 0.00

2026-03-03 10:00
  staff refunds 1 ticket of Ann for Ball
  = tickets Ball: 2 sold, 1 left
  = Ann owes 0.00
  = refund 1 20.00 done
  = ledger
      Income:Tickets  -60.00
      Returns          20.00
  staff refunds 2 tickets of Ann for Ball -> refused ticket_unknown
  Cy buys ticket for Ball
  = tickets Ball: 3 sold, 0 left

2026-04-01 10:00
  staff refunds tickets of Cy for Ball
  = tickets Ball: 2 sold, 1 left
  Cy buys ticket for Ball -> refused sale_closed
