story: A free membership is never billed
shows: C-04

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Community: free, default
plan Family: 35.00 every month
member Ann: plan Community, joined 2024-05-01, by card
member Bob: plan Family, joined 2025-01-01, paid through 2026-01-31, by card

2026-01-15
  Cid joins Community
  = Cid is Active

2026-05-20
  = Ann is Active
  = no attempts Ann
  = invoices Ann: 0
  = Ann no next charge
  = no attempts Cid
  = invoices Cid: 0
  = invoices Bob: 4                             # who is on a plan with a price is

2026-05-21
  staff generates renewals "By hand" effective 2026-06-02
  = skipped Ann free
  = run "By hand": 1 billed 35.00, 2 skipped
