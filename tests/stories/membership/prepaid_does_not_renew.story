story: A prepaid membership is paid up front and never charged again
shows: C-02

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Gift Pass: 100.00 every year, prepaid

2026-01-10
  Ann joins "Gift Pass" by card
  = attempts Ann: 2026-01-10 succeeded
  = Ann paid through 2027-01-09
  = Ann no next charge

2027-03-01
  = attempts Ann: 2026-01-10 succeeded          # nothing was tried when the year was over
  = invoices Ann: 1
