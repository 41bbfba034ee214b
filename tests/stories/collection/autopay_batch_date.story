story: The autopay batch has the date in the organization's zone on which the money was taken
shows: I-60 I-61 I-62

organization Kiwi Club: preset association, currency NZD, zone Pacific/Auckland
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2026-03-31, by card, autopay on
member Bob: plan Regular, paid through 2026-03-31, by card, autopay on
member Cid: plan Regular, paid through 2026-03-31, by bank account, autopay on

2026-04-04 23:50                                # 11:50 in London
  staff generates renewals "April" effective 2026-04-01
  staff submits invoices name contains Ann
  staff submits invoices name contains Cid
  = batch 2 open 100.00 dated 2026-04-04

2026-04-05 00:10                                # still the 4th in London; the clocks go back at 3 here
  staff submits invoices name contains Bob
  = batch 3 open 100.00 dated 2026-04-05
  = batch 2 open 100.00 dated 2026-04-04

2026-04-05 23:30
  gateway answers for Cid succeeded             # the bank's money is of the day on which it came
  = batch 3 open 200.00 dated 2026-04-05
  staff posts batch 3
  = batch "Auto-Created for AutoPay" posted 200.00 dated 2026-04-05
  staff posts batch 3 -> refused batch_posted
  = revenue this month 300.00
