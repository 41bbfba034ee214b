story: A failed renewal is tried five times in sixteen days, and lapses on day 30
shows: C-30 A-49

plan Regular: 100 every year
member Ann: plan Regular, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds
  = Ann is Past Due

2026-03-20
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined, 2026-03-10 declined, 2026-03-17 declined

2026-03-30
  = Ann is Past Due

2026-03-31
  = Ann is Lapsed
