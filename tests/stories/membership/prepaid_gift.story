story: A prepaid term is a gift, is paid first and runs to its last day
shows: C-21 C-22 C-23 C-25

organization Hope Church: preset community, currency USD, zone America/Chicago
plan "Year Pass": 100.00 every year, prepaid
member Kim

2026-01-10
  Ann joins "Year Pass"
  = Ann is Pending                              # no access before it is paid
  = Ann owes 100.00
  Kim pays 100.00 by check for Ann              # a gift: the receipt is the payer's
  = mail to Kim: receipt
  = mail to Ann: welcome
  = Ann is Active
  = Ann term 2026-01-10 to 2027-01-09 100.00

2026-06-01
  Ann cancels
  = Ann is Active                               # runs through what was paid
  = Ann paid through 2027-01-09
  = payment 1 100.00 succeeded                  # nothing is given back by itself

2027-01-09 23:59
  = Ann is Active

2027-01-10
  = Ann is Canceled
  Ann joins "Year Pass" by card
  = Ann is Active
  = Ann term 2027-01-10 to 2028-01-09 100.00
  = mail to Ann: welcome, receipt, canceled
