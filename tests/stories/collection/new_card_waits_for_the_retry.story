story: A new card waits for the next retry where one is planned; the anchor stays
shows: C-49 X5 X9 X16

organization Grace Church: preset community, currency USD, zone America/Chicago
policy collect.offsets = [0, 5, 5]
plan Yearly: 100.00 every year
member Jane: plan Yearly, by card, autopay on, paid through 2026-02-28
member John: plan Yearly, by card, autopay on, paid through 2026-02-28

2026-03-01
  gateway declines Jane expired_card
  gateway declines John expired_card
  = Jane is Past Due
  = John is Past Due

2026-03-03 10:00
  Jane updates card
  gateway accepts Jane
  = Jane is Past Due

2026-03-04
  staff marks John cycle paid by terminal
  = John is Active
  = attempts Jane: 2026-03-01 declined

2026-03-06
  = attempts Jane: 2026-03-01 declined, 2026-03-06 succeeded
  = attempts John: 2026-03-01 declined
  = Jane is Active
  = Jane next charge 100.00 on 2027-03-01
  = John next charge 100.00 on 2027-03-01
