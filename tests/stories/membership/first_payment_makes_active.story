story: The first payment makes a member active
shows: A-04 A-07 I-01

organization Maple Club: preset recommended, currency USD, zone America/New_York
plan Monthly: 20.00 every month
plan Friends: free

2026-03-10
  Ann joins Monthly by card                     # invoiced and charged on the spot, without staff
  Bob joins Monthly
  Cid joins Friends                             # a plan without dues bills nothing
  = Ann is Active
  = Ann term 2026-03-10 to 2026-04-09 20.00
  = Ann paid through 2026-04-09
  = invoice 1 paid 20.00 balance 0.00
  = attempts Ann: 2026-03-10 succeeded
  = batch "New memberships" posted 40.00 dated 2026-03-10
  = batch "Auto-Created for AutoPay" posted 20.00 dated 2026-03-10
  = Bob is Pending
  = Bob owes 20.00
  = no attempts Bob
  = Cid is Active
  = invoices Cid: 0
  = Cid no next charge

2026-03-12
  Bob pays 20.00 by check
  = Bob is Active
  = Bob paid through 2026-04-09
  = Bob owes 0.00
  = payment 2 20.00 succeeded
