story: Restrictions are a policy of their own, and payment lifts them
shows: C-35

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2026-02-01
policy access.restrict = after(5)
plan Family: 35.00 every month
plan Weekly: free
member Ann: plan Family, joined 2026-01-01, paid through 2026-01-31, by card, autopay on

2026-02-01
  gateway declines Ann insufficient_funds
  = Ann is Past Due

2026-02-10
  = Ann is Past Due                             # the label says nothing of access
  gateway accepts Ann
  Ann pays 35.00 by check
  = Ann is Active
  staff sets policy access.restrict = never
