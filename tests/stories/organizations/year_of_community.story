story: A year of a church
shows: C-01 C-02 C-04 C-08 C-17 C-30 C-31 C-32 C-33 C-34 C-38 C-41 C-44 C-45 C-46 C-47 C-48 C-49

organization "Hope Church": preset community, currency USD, zone America/New_York
plan Family: 30.00 every month
plan Friend: 120.00 every year
plan Gift: 100.00 every year, prepaid
plan Guest: free
member Jane: plan Friend, next renewal 2026-02-01, by card
member Tom: plan Friend, next renewal 2026-02-01, by card
member Ann: plan Family, next renewal 2026-01-31, by card
member Liz: plan Family, next renewal 2026-01-15, by card
member Guy: plan Guest

2026-01-10
  Joy joins Gift by cash
  = Joy is Active
  = Joy paid through 2027-01-09
  = Joy no next charge

# Month ends: 31 January, 28 February, 31 March.
2026-03-31
  = attempts Ann: 2026-01-31 succeeded, 2026-02-28 succeeded, 2026-03-31 succeeded
  = Guy is Active
  = invoices Guy: 0

2027-01-31
  = Joy is Canceled

# Jane's renewal fails: Past Due at once. She updates the card; it is charged with the next retry.
2027-01-31
  gateway declines Jane expired_card
  gateway declines Tom insufficient_funds

2027-02-01
  = Jane is "Past Due"
  = Tom is "Past Due"
  = mail to Jane: payment_failed

2027-02-05 10:00
  gateway accepts Jane
  Jane updates card

2027-02-06
  = Jane is Active
  = Jane paid through 2028-01-31
  = Jane next charge 120.00 on 2028-02-01

# Tom is charged at the counter, and his cycle marked paid: the same next date.
2027-02-10
  staff marks Tom cycle paid by terminal
  = Tom is Active
  = Tom paid through 2028-01-31
  = Tom next charge 120.00 on 2028-02-01

# Liz is past due and cancels: it ends with the cycle, and nothing more is tried.
2027-02-14
  gateway declines Liz insufficient_funds

2027-02-16
  = Liz is "Past Due"
  Liz cancels

2027-03-14
  = Liz is "Past Due"

2027-03-15
  = Liz is Canceled
  = Liz no next charge

# Starting again is a new membership, of any tier.
2027-04-01
  gateway accepts Liz
  Liz joins Friend by card
  = Liz is Active
  = Liz is on Friend
  = Liz paid through 2028-03-31
