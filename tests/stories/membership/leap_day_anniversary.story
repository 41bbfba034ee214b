story: Who joined on a leap day renews on the last day of February
shows: C-01

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2024-02-29
plan Yearly: 200.00 every year

2024-02-29
  Ann joins Yearly by card
  = Ann paid through 2025-02-27

2025-02-28
  = attempts Ann: 2024-02-29 succeeded, 2025-02-28 succeeded
  = Ann term 2025-02-28 to 2026-02-27 200.00

2028-02-28
  = Ann paid through 2028-02-28

2028-02-29
  = Ann term 2028-02-29 to 2029-02-27 200.00
