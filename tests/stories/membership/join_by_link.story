story: A visitor joins by a plan's link and is charged once
shows: P-22 P-26 P-28 G-46 G-47 C-15

organization Maple Hub: preset coworking, currency USD
policy billing.slot = fixed_time(06:00)
policy invoice.on_failed_attempt = keep_same
plan Resident: 100.00 every month
plan "Day Pass": 20.00, non-recurring
plan Community: free, default
plan Team: 300.00 every month
member Kim
billing contact Kim

2026-03-15
  Ann joins Resident through link by card
  = Ann is Active
  = Ann paid through 2026-04-14
  = attempts Ann: 2026-03-15 succeeded
  = Ann next charge 100.00 on 2026-04-15
  = mail to Ann: welcome, receipt
  = mail to Kim: billing_contact

# once only: a non-recurring one has no renewal date and is never billed again
2026-03-16
  Bob joins "Day Pass" through link by card
  = Bob no next charge
  = attempts Bob: 2026-03-16 succeeded
  = mail to Kim: billing_contact

# what is billed by the calendar is no purchase
2026-04-15
  = attempts Ann: 2026-03-15 succeeded, 2026-04-15 succeeded
  = attempts Bob: 2026-03-16 succeeded
  = no mail to Kim

2026-04-20
  staff charges Ann 15.00 for "Printing"
  = mail to Kim: billing_contact
  = mail to Ann: receipt

2026-04-21
  staff closes Resident link
  Cid joins Resident through link by card -> refused join_link_off
  Cid joins Community through link
  = Cid is Active
  = no attempts Cid
  = no mail to Kim

2026-04-22
  gateway declines Dee insufficient_funds
  Dee joins "Day Pass" through link by card
  = Dee is Pending
  = Dee owes 20.00
  = mail to Dee: welcome, payment_failed
  = mail to Kim: billing_contact

# the same purchase: one mail, by whichever way it is paid
2026-04-23
  gateway accepts Dee
  Dee pays invoice 5 by card
  = Dee owes 0.00
  = no mail to Kim

# a member who opens another plan's link is switched to it, and pays at once
2026-04-24
  Ann joins Team through link
  = Ann is on Team
  = Ann paid through 2026-05-23
  = attempts Ann: 2026-03-15 succeeded, 2026-04-15 succeeded, 2026-04-20 succeeded, 2026-04-24 succeeded
  = mail to Kim: billing_contact
