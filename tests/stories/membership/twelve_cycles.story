story: Twelve monthly cycles are twelve charges, and the member stays active
shows: C-17 C-18 P-01 C-07

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
member Ann: plan Family, cycle started 2025-12-05, by card

2025-12-20
  = Ann is on Family
  = Ann is Active
  = Ann term 2025-12-05 to 2026-01-04
  = no attempts Ann

2026-06-05
  = Ann is Active
  = Ann paid through 2026-07-04

2026-12-31
  = attempts Ann: 2026-01-05 succeeded, 2026-02-05 succeeded, 2026-03-05 succeeded, 2026-04-05 succeeded, 2026-05-05 succeeded, 2026-06-05 succeeded, 2026-07-05 succeeded, 2026-08-05 succeeded, 2026-09-05 succeeded, 2026-10-05 succeeded, 2026-11-05 succeeded, 2026-12-05 succeeded
  = invoices Ann: 12
  = Ann is Active
  = Ann paid through 2027-01-04
  = revenue this month 35.00
  = revenue this quarter 105.00
  = revenue this year 420.00
