story: Autopay covers whatever a member owes where the organization, or the member, wants it so
shows: X21

organization Maple Club: preset recommended, currency USD, zone America/New_York
policy autopay.scope = all
policy collect.offsets = [0, 1, 3]
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2026-12-31, by card, autopay on
member Bob: plan Regular, paid through 2026-12-31, by card, autopay off

2026-03-01 09:00
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds
  staff charges Ann 35.00 for "Lost key"
  staff charges Bob 35.00 for "Lost key"
  = attempts Ann: 2026-03-01 declined
  = invoice 1 sent 35.00 balance 35.00
  = Ann is Active                               # only dues make a member past due

2026-03-04
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined
  gateway accepts Ann
  gateway accepts Bob

2026-03-06
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 succeeded
  = invoice 1 paid 35.00
  = attempts Bob: 2026-03-01 declined           # he is not on autopay
  = Bob owes 35.00
