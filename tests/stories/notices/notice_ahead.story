story: A renewal is announced so many days before, once each, and not to whoever has canceled
shows: A-53

organization Maple Hub: preset community, currency USD, zone America/New_York, starts 2026-01-10
policy renewal.notice_days = [14, 3]
plan Family: 30.00 every month
plan Guest: 10.00 every month
member Ann: plan Family, paid through 2026-01-31, by card, autopay on
member Bob: plan Family, paid through 2026-01-31
member Cat: plan Family, paid through 2026-01-31, by card, autopay on
member Dan: plan Guest, paid through 2026-01-12, by card, autopay on

2026-01-10
  = mail to Dan: renewal_notice                 # three days are left; the fourteenth has passed
  = no mail to Ann

2026-01-18
  = mail to Ann: renewal_notice
  = mail to Bob: renewal_notice
  = mail to Cat: renewal_notice
  = mail to Dan: receipt

2026-01-20
  Cat cancels
  = mail to Cat: canceled
  = no mail to Ann

2026-01-29
  = mail to Ann: renewal_notice
  = mail to Bob: renewal_notice
  = no mail to Cat

2026-02-01
  = mail to Ann: receipt
  = mail to Cat: canceled                       # it is over
