story: Who joins in month 7 pays 100 of 200
shows: G-18 G-37
needs term.basis = annual
needs term.first_month = 1
needs proration.join = months

plan Regular: 200 every year

2026-07-20
  Ann joins Regular by check
  = Ann term 2026-07-01 to 2026-12-31 100
