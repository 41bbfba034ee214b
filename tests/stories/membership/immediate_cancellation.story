story: A cancellation at once, and one for a day that staff give
shows: X8 C-35 X19

organization Harbor Club: preset recommended, currency USD, zone America/New_York, starts 2026-02-01
policy cancel.effective = immediate
plan Regular: 50.00 every month
member Ann: plan Regular, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Bob: plan Regular, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Cid: plan Regular, joined 2026-01-01, paid through 2026-01-31, by card, autopay on

2026-02-10
  Ann cancels
  = Ann is Canceled
  = mail to Ann: canceled
  staff sets policy cancel.effective = end_of_cycle
  Bob cancels on 2026-04-15 -> refused cancel_date_fixed
  staff cancels Bob on 2026-04-15
  staff cancels Cid on 2026-02-20
  = Bob next charge 50.00 on 2026-03-01         # until that day it goes on

2026-02-20
  = Cid is Canceled

2026-04-15
  = Bob is Canceled
  = attempts Bob: 2026-02-01 succeeded, 2026-03-01 succeeded, 2026-04-01 succeeded

2026-06-01
  = attempts Bob: 2026-02-01 succeeded, 2026-03-01 succeeded, 2026-04-01 succeeded
  Ann joins Regular by card
  = Ann term 2026-06-01 to 2026-06-30 50.00
