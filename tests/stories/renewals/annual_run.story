story: A renewal run bills everybody whose paid through is before the effective date
shows: I-02 I-05 I-09 I-10 I-13 I-18

organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2025-12-31
member Bob: plan Regular, joined 2015-06-10, paid through 2025-06-30
member Cid: plan Regular, joined 2020-01-01, paid through 2026-01-01
member Dee: plan Regular, joined 2025-11-20
member Eve: plan Regular, joined 2012-01-01, paid through 2026-12-31

2025-12-15
  = invoices Ann: 0                             # nothing is created without a run
  staff generates renewals "2026" effective 2026-01-01
  = run "2026": 2 billed 200.00, 3 skipped
  = Ann renewed through 2026-12-31
  = Ann paid through 2025-12-31
  = Ann term 2026-01-01 to 2026-12-31 100.00
  = Bob term 2026-01-01 to 2026-12-31 100.00    # the term starts on the effective date
  = Bob renewed through 2026-12-31
  = skipped Cid not_due                         # paid through is not before the effective date
  = skipped Dee never_paid
  = skipped Eve not_due
  = invoice 1 sent 100.00 balance 100.00
  = invoices Cid: 0
  = Ann is Active
  = Bob is Inactive

2025-12-16
  staff generates renewals "2026" effective 2026-01-01 -> refused run_name_taken
  staff generates renewals "2026 again" effective 2026-01-01 -> refused run_bills_nobody
  = skipped Ann already_billed
  = invoices Ann: 1

2026-01-01
  = Ann is Inactive                             # not paid, and no months of grace
  = invoice 1 sent 100.00 balance 100.00

2026-01-02
  = invoice 1 overdue 100.00
