story: After an outage an organization may have every mail sent
shows: A-51

organization Maple Club: preset ams_nonprofit, currency USD, zone America/New_York, starts 2026-02-20
policy dunning.catch_up = all
plan Regular: 40.00 every year
member Ann: plan Regular, next renewal 2026-03-01, by card, autopay on

2026-02-20
  gateway declines Ann insufficient_funds

2026-03-02
  worker stops

2026-03-09
  worker starts
  = mail to Ann: reminder, second_reminder
