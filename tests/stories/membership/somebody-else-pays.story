story: Works pays for Ann, Eve for Ben, and then Ben himself
shows: C-25

organization Maple Club: preset recommended, currency USD, zone America/New_York, starts 2026-01-05
policy collect.offsets = [0, 1]
policy dunning.mail_days = [3]
policy collect.on_exhausted = lapse(20)
policy renewal.notice_days = [7]
plan Regular: 40.00 every month
member Works: by card
member Eve: by card
member Ann: plan Regular, cycle started 2026-01-10, paid through 2026-02-09
member Ben: plan Regular, cycle started 2026-01-10, paid through 2026-02-09, by card

2026-01-05 10:00
  Works pays for Ann
  Eve pays for Ben
  Ann pays for Ann -> refused payer_is_member
  = payer Ann: Works
  = payer Ben: Eve
  = Ann next charge 40.00 on 2026-02-10

# the member hears who pays, the payer what will be charged
2026-02-03
  = mail to Ann: renewal_notice
  = mail to Works: renewal_notice

# the payer's card is charged and the payer gets the receipt; the term is the member's
2026-02-10
  = attempts Works: 2026-02-10 succeeded
  = no attempts Ann
  = mail to Works: receipt
  = no mail to Ann
  = Ann paid through 2026-03-09
  = Ann owes 0
  = Works owes 0
  = ledger
    Receivable:Works 0.00
    Clearing 80.00
  gateway declines Eve insufficient_funds

# reminders go to the payer; past due and lapsed is the member
2026-03-10
  = Ann paid through 2026-04-09
  = attempts Eve: 2026-02-10 succeeded, 2026-03-10 declined
  = Ben is Past Due
  = Eve owes 40.00
  = Ben owes 0
  = mail to Eve: payment_failed

# Eve stops: what she was asked for stays hers and isn't charged by itself; Ben hears of it
2026-03-11 07:00
  Eve stops paying for Ben
  = mail to Ben: payer_stopped
  = payer Ben: Ben
  = Eve owes 40.00
  = Ben owes 0

2026-03-13
  = attempts Eve: 2026-02-10 succeeded, 2026-03-10 declined
  = mail to Eve: reminder
  = no mail to Ben

2026-03-31
  = Ben is Lapsed
  = mail to Eve: lapsed
  = mail to Ben: lapsed
  = Eve owes 40.00

2026-04-10
  = Ann paid through 2026-05-09
  = attempts Works: 2026-02-10 succeeded, 2026-03-10 succeeded, 2026-04-10 succeeded
