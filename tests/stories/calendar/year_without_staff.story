story: A year of an association without staff: billed, submitted, retrieved and posted by the calendar
shows: I-71 I-25 I-46 X1

organization Maple Club: preset association, currency USD, zone America/New_York, fiscal year starts 7
policy billing.trigger = auto
policy invoice.review = none
policy collect.submit = daily
policy batch.post = auto
policy accounting.method = accrual
plan Regular: 100.00 every year
fee Journal: 20.00 on Regular
member Ann: plan Regular, paid through 2025-06-30, by card, autopay on
member Bob: plan Regular, paid through 2025-06-30, by card, autopay on
member Cid: plan Regular, paid through 2025-06-30

2025-06-30
  = invoices Ann: 0                                   # members to bill by the effective date

2025-07-01
  = Ann term 2025-07-01 to 2026-06-30 120.00          # the effective date is that of the fiscal year
  = attempts Ann: 2025-07-01 06:00 succeeded
  = attempts Bob: 2025-07-01 06:00 succeeded
  = no attempts Cid
  = Ann paid through 2026-06-30
  = Cid paid through 2025-06-30
  = Cid is Inactive
  = submit list empty
  = batch 1 posted 360.00 dated 2025-07-01

2025-09-10
  Cid pays 120.00 by check
  = Cid paid through 2026-06-30
  gateway is silent for Bob but charges

2026-06-30
  = invoices Bob: 1

2026-07-01
  = settlement invoice 5 "In Progress"

2026-07-02
  gateway answers for Bob succeeded                   # retrieved when the processor tells of it

2026-07-03
  = settlement invoice 5 "Settled"
  = Bob paid through 2027-06-30
  = Ann paid through 2027-06-30
  = Cid paid through 2026-06-30
  = Cid owes 120.00
  = invoices Cid: 2
