story: Whoever comes back gets a membership of their own
shows: C-47 C-48 X19 P-28

organization The Loft: preset coworking, currency USD, zone America/Los_Angeles, starts 2026-02-01
policy collect.on_exhausted = downgrade
plan Community: free, default
plan Desk: 200.00 every month
plan Office: 500.00 every month
member Ann: plan Desk, joined 2026-01-01, paid through 2026-01-31, by card, autopay on
member Bob: plan Desk, joined 2024-01-01, paid through 2025-11-30

2026-02-10
  Ann cancels
  Bob joins Desk by check                       # still marked active, and his last term is long over
  = Bob term 2026-02-10 to 2026-03-09 200.00
  = Bob is Active

2026-03-01
  Ann joins Office by card                      # on the very day: what was canceled is over
  = Ann is on Office
  = Ann is Active
  = Ann term 2026-03-01 to 2026-03-31 500.00

2026-03-20
  Ann cancels

2026-04-02
  = Ann is on Community
  Ann joins Desk by card                        # from the default plan
  = Ann is on Desk
  = Ann next charge 200.00 on 2026-05-02
