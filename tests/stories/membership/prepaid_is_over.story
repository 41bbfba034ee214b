story: A prepaid membership is over with its term, even after an outage
shows: C-02 C-08 C-47 X8

organization Hope Church: preset community, currency USD, zone America/Chicago
plan "Gift Pass": 100.00 every year, prepaid
plan Weekly: free
member Bob: plan "Gift Pass", joined 2025-03-01, paid through 2026-02-28

2026-01-10
  Ann joins "Gift Pass" by card
  Cid joins Weekly
  Ann cancels                                   # runs through its term
  = Ann is Active
  = Bob is Active

2026-02-20
  worker stops

2026-03-10
  worker starts
  = Bob is Canceled
  = attempts Ann: 2026-01-10 succeeded

2027-01-10
  = Ann is Canceled
  = Ann has no membership
  = attempts Ann: 2026-01-10 succeeded
  = Cid is Active
  = invoices Cid: 0
  Cid cancels                                   # without cycles there is nothing to wait for
  = Cid is Canceled
  = mail to Cid: canceled
  = mail to Ann: canceled
