story: Whoever had canceled and joins again goes on, and pays nothing twice
shows: G-39 X19

organization Maple Club: preset association, currency USD, zone America/New_York, starts 2026-01-05
policy proration.join = months
policy cancel.effective = on_date
plan Regular: 200.00 every year
member Ann: plan Regular, joined 2015-03-01, paid through 2026-12-31
member Bob: plan Regular, joined 2015-03-01, paid through 2025-12-31

2026-06-10
  staff cancels Ann on 2026-12-31
  staff cancels Bob on 2026-12-31

2026-07-10
  Ann joins Regular                             # her year is paid: the cancellation is undone, nothing is billed
  = Ann is Active
  = Ann owes 0.00
  = invoices Ann: 0
  Bob joins Regular by check                    # his last term is over: a renewal, without proration
  = Bob term 2026-01-01 to 2026-12-31 200.00
  = Bob is Active

2027-01-05
  = Ann is Inactive                             # not canceled on the day that was chosen once
  = Bob is Inactive
