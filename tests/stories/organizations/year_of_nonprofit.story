story: A year of a nonprofit
shows: A-04 A-05 A-06 A-07 A-08 A-45 A-46 A-47 A-48 A-49 A-50 A-54 X3 X6

organization "River Trust": preset ams_nonprofit, currency USD, zone America/Chicago, starts 2026-01-01
plan Supporter: 20.00 every month
plan Patron: 90.00 every quarter
plan Founder: 250.00 every year
member Ann: plan Supporter, next renewal 2026-01-05, by card
member Bob: plan Patron, next renewal 2026-01-10, by card
member Cid: plan Founder, next renewal 2026-03-01, by card
member Dee: plan Founder, next renewal 2026-04-01, by card

2026-01-10
  Eva joins Supporter by card
  = Eva is Active
  = Ann is Active
  = attempts Ann: 2026-01-05 succeeded
  = attempts Bob: 2026-01-10 succeeded

2026-02-20
  gateway declines Cid insufficient_funds
  gateway declines Dee insufficient_funds

# Cid's renewal fails: reminders on days 3 and 7, Past Due on day 14, Lapsed on day 30.
2026-03-01
  = attempts Cid: 2026-03-01 declined
  = Cid is Active

2026-03-03
  = no mail to Cid

2026-03-04
  = mail to Cid: reminder

2026-03-08
  = mail to Cid: second_reminder
  = Cid is Active

2026-03-14
  = Cid is Active

2026-03-15
  = mail to Cid: final_notice
  = Cid is "Past Due"

2026-03-30
  = Cid is "Past Due"

2026-03-31
  = Cid is Lapsed
  = Cid has no membership
  = Cid owes 250.00
  = mail to Cid: lapsed
  = Cid no next charge

# Dee pays on day 29: nothing of the ladder is left.
2026-04-30
  = Dee is "Past Due"
  Dee pays 250.00 by check
  = Dee is Active
  = Dee paid through 2027-03-31

2026-05-15
  = Dee is Active
  = no mail to Dee

# A quarter is a quarter.
2026-07-10
  = attempts Bob: 2026-01-10 succeeded, 2026-04-10 succeeded, 2026-07-10 succeeded
  = Bob paid through 2026-10-09

# Eva leaves at the end of her cycle, Ann moves up from her next renewal on.
2026-08-15
  Eva cancels
  staff switches Ann to Patron
  = Eva is Active
  = Ann is on Supporter
  = Ann next charge 90.00 on 2026-09-05

2026-09-10
  = Eva is Canceled
  = Eva no next charge
  = Ann is on Patron

# A lapsed member comes back: a new membership.
2026-11-01
  gateway accepts Cid
  Cid joins Founder by card
  = Cid is Active
  = Cid paid through 2027-10-31

2026-12-31
  = Ann next charge 90.00 on 2027-03-05
