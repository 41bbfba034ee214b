story: Jane's renewal fails, and her year stays the same
shows: C-49 C-31 C-33

plan Annual: 120 every year
member Jane: plan Annual, next renewal 2026-05-10, by card
member Kim: plan Annual, next renewal 2026-05-10, by card

2026-05-10
  gateway declines Jane insufficient_funds
  gateway declines Kim expired_card
  = Jane is Past Due
  = Kim is Past Due

2026-05-20
  gateway accepts Jane
  gateway accepts Kim
  staff marks Jane cycle paid by cash           # charged elsewhere, and marked as paid
  Kim updates card                              # and waits for the next try

2026-05-22
  = Jane is Active
  = Jane next charge 120 on 2027-05-10
  = Kim is Active
  = Kim next charge 120 on 2027-05-10
