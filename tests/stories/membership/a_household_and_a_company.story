story: A household's membership covers its people, a company's as many as it has seats

organization River Sports: preset recommended, currency USD, starts 2026-01-01
plan Family: 240.00 every year
plan Team: 900.00 every year, seats 2
member Ann: household Lee
member Ben: household Lee
member Lee: plan Family, joined 2026-01-01, paid through 2026-12-31
member Cay
member Dee
member Eve: household Works
member Works: plan Team, joined 2026-01-01, paid through 2026-12-31

2026-02-01
  staff takes Cay into Works as "front desk"
  staff takes Dee into Works -> refused sold_out
  staff takes Eve into Works -> refused already_belongs
  staff takes Dee into Ann -> refused not_a_group
  = cover Ann: Lee on Family
  = cover Ben: Lee on Family
  = Ann has no membership
  = cover Cay: Works on Team
  = no cover Dee

2026-03-01
  staff lets Eve go from Works on 2026-03-10
  staff takes Dee into Works from 2026-03-09 -> refused sold_out
  staff takes Dee into Works from 2026-03-10
  = cover Eve: Works on Team
  = no cover Dee

2026-03-10
  = no cover Eve
  = cover Dee: Works on Team
  staff cancels Lee on 2026-04-01

2026-04-02
  = no cover Ann
  = no cover Ben
  = Works next charge 900.00 on 2027-01-01
