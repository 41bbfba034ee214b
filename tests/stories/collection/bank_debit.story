story: A bank debit is sent at once and answered late
shows: I-24 I-36 I-37 I-46 I-51 I-53 I-54 I-58 X22

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by bank account, autopay on
member Bob: plan Regular, paid through 2025-12-31, by bank account, autopay on

2026-01-02
  staff generates renewals "2026" effective 2026-01-01
  staff submits invoices
  = attempts Ann: 2026-01-02 processing
  = settlement invoice 1 "In Progress"
  = invoice 1 overdue 100.00 balance 100.00
  = submit list: empty                          # while it is under way nothing else can collect it

2026-01-05
  staff retrieves payments
  staff submits invoices due by 2026-12-31
  Ann pays invoice 1 by card -> refused payment_in_progress
  = settlement invoice 1 "In Progress"
  = attempts Ann: 2026-01-02 processing

2026-01-06
  = settlement invoice 1 "In Progress"

2026-01-07                                      # flagged on the fifth day, and not tried again
  = settlement invoice 1 "Failed to reconcile – timed out"
  = attempts Ann: 2026-01-02 processing
  = submit list: empty

# late answers still count

2026-01-12
  gateway answers for Ann succeeded
  gateway answers for Bob failed R01
  staff retrieves payments
  = settlement invoice 1 "Settled"
  = invoice 1 paid 100.00 balance 0.00
  = Ann paid through 2026-12-31
  = settlement invoice 2 "Not Settled"
  = attempts Bob: 2026-01-02 declined           # dated when it was sent
  = invoice 2 overdue 100.00 balance 100.00
  = submit list: invoice 2
  = batch "Auto-Created for AutoPay" open 100.00 dated 2026-01-12
