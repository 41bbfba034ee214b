story: A plan decides for itself how it is prorated, tried and called
shows: G-08 G-15 G-16 G-38 X5 X6 X18

organization Elm Guild: preset recommended, currency USD, zone America/New_York
policy term.basis = annual
policy proration.join = months
policy collect.offsets = [0]
plan Regular: 120.00 every year
plan Patron: 240.00 every year
plan Board: 60.00 every year
member Ann: plan Regular, paid through 2026-12-31, by card
member Bob: plan Patron, paid through 2026-12-31, by card

# Joining in July: half a year of Regular, all of Patron's price.
2026-07-01
  staff sets policy proration.join for Patron = none
  staff sets policy status.past_due_at for Patron = day(10)
  staff sets policy collect.offsets for Patron = [0, 2]
  staff sets policy paid_through.on for Board = billed
  Cid joins Regular
  Dee joins Patron
  Eve joins Board
  = Cid owes 60.00
  = Dee owes 240.00
  = Eve owes 30.00
  = Cid is Pending
  = Eve paid through 2026-12-31

# Regular is tried once and is past due at once; Patron is tried again, and past due on the tenth day.
2027-01-01
  gateway declines Ann insufficient_funds
  gateway declines Bob insufficient_funds
  = Ann is "Past Due"
  = Bob is Active

2027-01-10
  = attempts Ann: 2027-01-01 declined
  = attempts Bob: 2027-01-01 declined, 2027-01-03 declined
  = Bob is Active

2027-01-11
  = Bob is "Past Due"
