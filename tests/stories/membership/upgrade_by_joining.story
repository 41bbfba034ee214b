story: A member who joins another plan upgrades, and is charged at once
shows: P-28

organization The Loft: preset coworking, currency USD, zone America/New_York, starts 2026-01-01
policy billing.slot = fixed_time(06:00)
plan Community: free, default
plan Desk: 100.00 every month
plan Office: 300.00 every month

2026-01-05
  Ann joins Desk by card
  Bob joins Desk by check
  Cid joins Desk by card

2026-01-20
  Ann joins Office by card
  = Ann is on Office
  = Ann term 2026-01-20 to 2026-02-19 300.00
  = attempts Ann: 2026-01-05 succeeded, 2026-01-20 succeeded
  = Ann next charge 300.00 on 2026-02-20
  Ann joins Office by card -> refused already_a_member

2026-01-21                                      # who paid by check until now pays by card from now on
  Bob joins Office by card
  = Bob is on Office
  = attempts Bob: 2026-01-21 succeeded
  = Bob next charge 300.00 on 2026-02-21

2026-01-22                                      # what was canceled goes on, with the other plan
  Cid cancels
  = Cid is "Pending Cancellation"
  Cid joins Office by card
  = Cid is on Office
  = Cid is Active
  = Cid next charge 300.00 on 2026-02-22
