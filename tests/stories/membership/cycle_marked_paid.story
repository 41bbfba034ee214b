story: A failed cycle is marked as paid, or the new card is charged; either way the next renewal is at the next cycle
shows: C-31 C-33 C-36 C-38 C-39 C-49 X13

organization Hope Church: preset community, currency USD, zone America/Chicago, starts 2025-12-01
policy collect.offsets = [0, 5]
plan Yearly: 120.00 every year
member Jane: plan Yearly, next renewal 2026-01-01, by card
member June: plan Yearly, next renewal 2026-01-01, by card

2026-01-01
  gateway declines Jane expired_card
  gateway declines June expired_card
  = Jane is Past Due
  = June is Past Due
  = Jane next charge 120.00 on 2027-01-01

2026-01-03
  Jane updates card
  June updates card
  gateway accepts Jane
  gateway accepts June
  staff marks Jane cycle paid by terminal       # charged externally
  staff sets Jane payment reason
  staff marks Jane cycle paid by check -> refused invoice_paid
  = Jane is Active
  = Jane paid through 2026-12-31
  = Jane owes 0.00
  = payment 1 120.00 succeeded
  = ledger
      Undeposited  120.00

2026-02-01
  = attempts Jane: 2026-01-01 declined          # and no other
  = June is Active
  = Jane next charge 120.00 on 2027-01-01
  = June next charge 120.00 on 2027-01-01

2027-01-01
  = attempts Jane: 2026-01-01 declined, 2027-01-01 succeeded
  = Jane term 2027-01-01 to 2027-12-31 120.00
  = June term 2027-01-01 to 2027-12-31 120.00
