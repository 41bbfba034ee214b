story: Invoices are numbered by a series of the organization's own, anew with each fiscal year
shows: A-10

organization Club: preset association, currency USD, zone UTC
policy invoice.numbering = INV-{year}-{n:4}
plan Gold: 10.00 every month

2026-12-30
  staff invoices "Zoe Guest <zoe@example.org>": 1 x 40.00 "Room hire" due 2026-12-31
  = invoice 1 sent 40.00 balance 40.00
  staff sets policy invoice.numbering = R-{n} -> refused numbering_in_use
  staff sets policy invoice.numbering from 2027-01-01 = R-{n:3}

2027-01-02
  staff invoices "Zoe Guest <zoe@example.org>": 1 x 5.00 "Key" due 2027-01-31
  = invoice 2 sent 5.00 balance 5.00
  staff sets policy invoice.numbering = {n} -> refused numbering_in_use
  "Zoe Guest" pays 45.00 by check
  = invoice 1 paid 40.00
  = invoice 2 paid 5.00
