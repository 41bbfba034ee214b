story: A whole renewal without staff: billed, collected, retrieved and posted by the calendar
shows: I-71 I-69 I-17 I-25

organization Maple Club: preset association, currency USD, zone America/New_York
policy billing.trigger = auto
policy invoice.review = none
policy collect.submit = daily
policy batch.post = auto
policy accounting.method = accrual
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31, by card, autopay on
member Cid: plan Regular, paid through 2025-12-31

2025-12-31
  gateway is silent for Bob but charges
  = invoices Ann: 0

2026-01-01
  = attempts Ann: 2026-01-01 succeeded
  = attempts Bob: 2026-01-01 unknown
  = settlement invoice 1 "Settled"
  = settlement invoice 2 "In Progress"
  = no attempts Cid
  = Cid owes 100.00
  gateway answers for Bob succeeded

2026-01-03
  = settlement invoice 2 "Settled"
  = payment 2 100.00 succeeded
  = Bob owes 0.00
  = Ann paid through 2026-12-31
  = Bob paid through 2026-12-31
  = submit list: empty
  = ledger
      Clearing             200.00
      Receivable:Cid       100.00
      Income:Dues         -300.00
