story: Revenue is what came, less what was given or taken back
shows: A-40

organization Maple Club: preset community, currency USD, zone America/New_York, starts 2026-01-01
plan Regular: 120.00 every year

2026-01-10
  Ann joins Regular by card
  Bob joins Regular by bank account
  gateway answers for Bob succeeded
  Cy joins Regular by card
  = revenue this month 360.00
  staff refunds payment 1 20.00
  = revenue this month 340.00

2026-02-05
  gateway returns payment 2 R01
  gateway disputes payment 3
  = revenue this month -120.00
  = revenue this quarter 220.00

2026-02-20
  gateway decides dispute of payment 3 lost
  = revenue this month -240.00
  = revenue this year 100.00
