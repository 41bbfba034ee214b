story: Without a join date a term begins with the renewal date
shows: G-23

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
plan Regular: 100.00 every year
member Ann: plan Regular, next renewal 2026-05-10
member Bob: plan Regular, joined 2018-05-20, paid through 2026-05-09

2026-05-01
  staff generates renewals "May" effective 2026-05-15
  = Ann term 2026-05-10 to 2027-05-09 100.00
  = Bob term 2026-05-10 to 2027-05-09 100.00
