story: Who joins on August 15 starts on September 1
shows: G-29
needs term.basis = annual
needs term.first_month = 1
needs term.advance_as_of = 15

plan Regular: 100 every year

2026-08-14
  Ann joins Regular by check
  = Ann term 2026-08-01 to 2026-12-31

2026-08-15
  Bob joins Regular by check
  = Bob term 2026-09-01 to 2026-12-31
