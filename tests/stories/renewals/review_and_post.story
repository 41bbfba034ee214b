story: A run's batch is opened, reviewed and posted once
shows: I-15 I-17 I-61 X23

organization Maple Club: preset association, currency USD, zone America/New_York
policy accounting.method = accrual
plan Regular: 100.00 every year
fee Newsletter: 15.00 on Regular
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
member Bob: plan Regular, paid through 2025-12-31

2026-01-01
  staff generates renewals "2026" effective 2026-01-01
  = batch 1 open 230.00 dated 2026-01-01
  = batch "2026" open 230.00
  staff reviews "2026"
  = batch 1 open 230.00
  staff posts batch 1
  = batch 1 posted 230.00
  staff posts "2026" -> refused batch_posted
  = submit list: invoice 1                      # whether or not the batch has been posted

2026-01-02
  staff submits invoices
  = batch "Auto-Created for AutoPay" open 115.00 dated 2026-01-02
  staff posts "Auto-Created for AutoPay"
  = batch 2 posted 115.00
  = ledger
      Clearing          115.00
      Receivable        115.00
      Receivable:Bob    115.00
      Receivable:Ann      0.00
      Income:Dues      -230.00
