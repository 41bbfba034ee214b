story: Who pays on 04/15/2018 has the term 05/01/2018 to 04/30/2019
shows: G-31 G-33
needs accounting.method = cash
needs term.basis = anniversary
needs term.late_payment = restart_after_grace(3, 15)

plan Regular: 100 every year
member Ann: plan Regular, joined 2010-01-01, paid through 2017-12-31
member Bob: plan Regular, joined 2010-01-01, paid through 2017-12-31

2017-12-20
  staff generates renewals "2018" effective 2018-01-01
  = Ann term 2018-01-01 to 2018-12-31

2018-03-20
  Bob pays 100 by check                         # within the three months of grace
  = Bob term 2018-01-01 to 2018-12-31

2018-04-15
  Ann pays 100 by check
  = Ann term 2018-05-01 to 2019-04-30
  = Ann paid through 2019-04-30
