story: The list that staff find is what they submit
shows: I-23 I-40 I-41 I-42 I-43

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member "Ann Lee": plan Regular, paid through 2025-12-31, by card, autopay on
member "Bob Leeds": plan Regular, paid through 2025-12-31, by card, autopay on
member Cid: plan Regular, paid through 2026-01-31, by card, autopay on
member Dee: plan Regular, paid through 2025-12-31, by card
member Eve: plan Regular, paid through 2025-12-31, autopay on

2025-12-10
  staff generates renewals "January" effective 2026-01-01
  staff generates renewals "February" effective 2026-02-01 autopay only
  = submit list: empty                          # the due date is the first day of the term
  = submit list due by 2025-12-31: empty
  = submit list due by 2026-01-01: invoice 1, invoice 2
  = submit list due by 2026-02-01: invoice 1, invoice 2, invoice 5
  = submit list due by 2026-02-01 name contains lee: invoice 1, invoice 2
  = submit list due by 2026-02-01 name contains CI: invoice 5

2026-01-01
  = submit list: invoice 1, invoice 2           # not Dee, who is not on autopay; not Eve, who has no card
  staff submits invoices name contains leeds
  = attempts "Bob Leeds": 2026-01-01 succeeded
  = no attempts "Ann Lee"
  = submit list: invoice 1

2026-01-02
  staff submits invoices
  staff submits invoices                        # asked for twice: there is nothing left to submit
  = attempts "Ann Lee": 2026-01-02 succeeded
  = submit list: empty
  = no attempts Dee
  = Eve owes 100.00
  = no attempts Eve

2026-01-03
  staff submits invoices due by 2026-02-01
  = attempts Cid: 2026-01-03 succeeded
  = Cid paid through 2027-01-31
