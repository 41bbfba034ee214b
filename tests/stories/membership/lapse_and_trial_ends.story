story: Unpaid for thirty days it lapses; a trial that is canceled is never charged
shows: A-49 X3

organization Harbor Club: preset recommended, currency USD, zone America/New_York, starts 2026-02-01
plan Regular: 50.00 every month
plan Course: 80.00 every month, trial 10 days
member Ann: plan Regular, joined 2026-01-01, paid through 2026-01-31, by card, autopay on

2026-02-01
  gateway declines Ann stolen_card
  Bob joins Course by card
  Bob cancels
  = Bob is Active

2026-02-11
  = Bob is Canceled
  = no attempts Bob

2026-03-10
  = Ann is Lapsed
  = Ann has no membership
  = Ann no next charge
  gateway accepts Ann
  Ann joins Regular by card
  = Ann is Active
