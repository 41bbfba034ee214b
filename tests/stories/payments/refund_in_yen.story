story: Yen are given back whole
shows: A-34 A-35

organization Sakura Club: preset recommended, currency JPY, zone Asia/Tokyo
plan Regular: 10001 JPY every year
member Aiko

2026-03-01
  Aiko joins Regular by card
  = payment 1 10001 succeeded

2026-03-05
  staff refunds payment 1 3334
  staff refunds payment 1 6668 -> refused refund_exceeds_payment
  staff refunds payment 1 0.5 -> refused amount_invalid
  staff refunds payment 1
  = refund 1 3334 done
  = refund 2 6667 done
  = payment 1 10001 refunded
  = ledger
      Clearing      0
      Returns   10001
