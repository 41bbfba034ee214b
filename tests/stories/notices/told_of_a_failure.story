story: What a member is told when dues are not collected
shows: C-14 A-46 A-16

organization Hope Church: preset community, currency USD, zone America/Chicago
plan Family: 35.00 every month
plan Friends: free
member Ann: plan Family, next renewal 2026-03-10, autopay on
member Bob: plan Family, next renewal 2026-03-10, by card, autopay off
member Cid: plan Family, next renewal 2026-03-10
member Dee: plan Family, next renewal 2026-03-10, by card
member Eva: plan Friends, joined 2026-01-10

2026-03-01
  Cid pays 50.00 by check                       # more than is owed: his credit pays the next bill

2026-03-10
  = mail to Ann: payment_failed                 # on autopay, and nothing on file
  = no attempts Ann
  = mail to Bob: invoice                        # the calendar bills him, and he pays by the link
  = no attempts Bob
  = no mail to Cid
  = mail to Dee: receipt
  = no mail to Eva

2026-03-20
  = no mail to Ann
  = no mail to Bob
