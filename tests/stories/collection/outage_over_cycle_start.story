story: A cycle that an outage missed is told, and made up for
shows: C-20

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, next renewal 2026-03-10, by card
member Bob: plan Family, next renewal 2026-03-10, autopay on

2026-03-09
  worker stops

2026-03-13
  = no attempts Ann
  worker starts

2026-03-13
  = Bob is "Past Due"
  = invoice 2 waits: no_payment_method

2026-03-14
  = attempts Ann: 2026-03-13 succeeded
  = no attempts Bob
  = Bob is "Past Due"
