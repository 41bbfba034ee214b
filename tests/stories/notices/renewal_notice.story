story: A renewal notice shows what was left unpaid, and credit where balances are kept
shows: G-43 G-45

organization Maple Club: preset association, currency USD, zone America/New_York
policy balance.carry_previous = on
policy credit.apply = ask
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2017-12-31
member Bob: plan Regular, paid through 2017-12-31

2018-01-01
  staff generates renewals "2018" effective 2018-01-01
  Ann pays 80.00 by check
  Bob pays 130.00 by check

2019-01-01
  staff generates renewals "2019" effective 2019-01-01
  staff sends renewal notices "2019"
  = mail to Ann: renewal_notice
  = notice to Ann: "Previous balance, 2018-01-01 to 2018-12-31: 20.00 USD"
  = notice to Ann: "To be paid by 2019-01-01: 120.00 USD"
  = no notice to Ann: Credit
  = notice to Bob: "Credit: -30.00 USD"
  = notice to Bob: "To be paid by 2019-01-01: 70.00 USD"

2019-01-02
  staff sends renewal notices "2019"
  = no mail to Ann                              # told once

2020-01-01
  staff sets policy balance.carry_previous = off
  staff generates renewals "2020" effective 2020-01-01
  staff sends renewal notices "2020"
  = no notice to Bob: Credit                    # it is there, and not shown
  = no notice to Ann: "Previous balance"
