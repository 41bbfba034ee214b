story: An association acknowledges donations without tax receipts
shows: A-25

organization Guild: preset association, currency USD, zone America/New_York
member Ann: by card

2026-03-01
  Ann donates 300.00
  = no receipt Ann
