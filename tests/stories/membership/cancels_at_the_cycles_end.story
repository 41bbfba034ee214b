story: A cancellation takes effect at the end of the current cycle, by whomever
shows: C-08 C-34 C-41 C-44 C-45 C-46 C-47 C-48 X8 X19

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2026-02-01
plan Family: 35.00 every month
plan Friends: 20.00 every month
member Ann: plan Family, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Bob: plan Family, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Cid: plan Family, joined 2026-01-01, paid through 2026-01-31, by card, autopay on

2026-02-03
  gateway declines Cid insufficient_funds
  = Ann paid through 2026-02-28
  Ann cancels
  staff cancels Bob
  = Ann is Active                               # until the cycle ends
  = Bob is Active
  = mail to Ann: canceled
  = mail to Bob: canceled
  = Ann no next charge
  = Bob no next charge
  Ann cancels -> refused already_canceled

2026-02-28
  = Ann is Active

2026-03-01                                      # nothing is charged at that boundary
  = Ann is Canceled
  = Bob is Canceled
  = Ann has no membership
  = invoices Ann: 1
  = attempts Ann: 2026-02-01 succeeded
  = attempts Bob: 2026-02-01 succeeded
  = Cid is Past Due
  = attempts Cid: 2026-02-01 succeeded, 2026-03-01 declined

2026-03-05
  Cid cancels                                   # while past due: no further attempt
  = Cid is Past Due

2026-03-31
  = attempts Cid: 2026-02-01 succeeded, 2026-03-01 declined

2026-04-01
  = Cid is Canceled
  = Cid owes 35.00
  = invoices Cid: 2

2026-05-10                                      # the restart is a membership of its own, in the same tier or another
  staff changes Family price to 40.00
  gateway accepts Cid
  Ann joins Family by card
  Bob joins Friends by card
  = Ann is Active
  = Ann term 2026-05-10 to 2026-06-09 40.00
  = Bob is on Friends
  Ann cancels
  Ann undoes cancellation
  = Ann next charge 40.00 on 2026-06-10

2026-06-10
  = Ann paid through 2026-07-09
  Ann undoes cancellation -> refused not_canceled
