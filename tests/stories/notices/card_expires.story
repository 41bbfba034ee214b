story: A card that will have expired is announced before it is charged
shows: A-53

organization Maple Club: preset recommended, currency USD, zone America/New_York, starts 2026-02-10
plan Regular: 120.00 every year
member Ann: plan Regular, paid through 2026-02-28, by card, card expires 2026-02, autopay on
member Bob: plan Regular, paid through 2026-02-28, by card, card expires 2026-03, autopay on
member Cat: plan Regular, paid through 2026-02-28, by card, card expires 2026-02, autopay off

2026-02-10
  = no mail to Ann

2026-02-15
  = mail to Ann: card_expiring                  # two weeks before, as the preset says
  = no mail to Bob
  = no mail to Cat                              # nothing is charged by itself

2026-02-20
  Ann updates card
  = no mail to Ann

2026-03-01
  = mail to Ann: receipt
  = mail to Cat: invoice                        # the calendar bills her, and she pays by herself
