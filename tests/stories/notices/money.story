story: Money that comes, or doesn't, is told by mail once
shows: I-58

organization Maple Club: preset community, currency USD, zone America/New_York, starts 2026-03-01
plan Regular: 40.00 every month
member Ann: plan Regular, joined 2026-02-10, paid through 2026-03-09, by card, autopay on
member Bob: plan Regular, joined 2026-02-10, paid through 2026-03-09, by card, autopay on
member Cy: plan Regular, joined 2026-02-10, paid through 2026-03-09, by card, autopay on
member Dot: plan Regular, joined 2026-02-20, paid through 2026-03-19, no method

2026-03-01
  gateway declines Bob insufficient_funds
  gateway asks Cy to authenticate

2026-03-10
  = mail to Ann: receipt
  = mail to Bob: payment_failed
  = mail to Cy: action_required
  = no mail to Dot

2026-03-11
  = no mail to Ann

2026-03-12
  Dot pays 10.00 by cash
  = mail to Dot: receipt
