story: Yen have no decimals, and dinars have three
shows: G-10 C-17

organization Sakura Club: preset recommended, currency JPY, zone Asia/Tokyo
plan Monthly: 1000 every month
plan Abroad: 3.500 every month, currency KWD
member Ann: plan Monthly, next renewal 2026-02-01, by card

2026-02-01 12:00
  Bob joins Abroad by card
  = invoice 1 paid 1000 balance 0
  = payment 1 1000 succeeded
  = invoice 2 paid 3.500 KWD balance 0.000 KWD
  = Bob next charge 3.500 KWD on 2026-03-01
  = ledger
      Clearing  1000
      Clearing  3.500 KWD
