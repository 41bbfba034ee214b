story: A gift is paid with the number of the invoice: the receipt is the giver's, the membership isn't
shows: C-25

organization Hope Church: preset community, currency USD, zone America/Chicago
plan "Year Pass": 100.00 every year, prepaid
member Ann
member Kim: currency EUR

2026-01-10 09:00
  Ann joins "Year Pass"
  Kim pays 100.00 by check for invoice 1
  = mail to Kim: receipt
  = invoice 1 paid 100.00
  = Ann is Active
  = Ann paid through 2027-01-09
  = Kim has no membership
  = Kim credit 0.00

2026-01-11 09:00
  staff invoices Ann: 1 x 10.00 "Course" due 2026-02-01
  staff credits invoice 2 4.00
  staff credits invoice 2 6.00
  = invoice 2 closed 10.00 balance 0.00         # credited in full, by two notes
