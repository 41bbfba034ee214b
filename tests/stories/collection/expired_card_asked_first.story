story: A card that has expired is not charged before the member was asked for a new one
shows: I-30 C-14

organization Hope Choir: preset recommended, currency USD, zone America/New_York
plan Voice: 80.00 every year
member Ann: plan Voice, next renewal 2026-03-01, card expires 2026-02
member Bob: plan Voice, next renewal 2026-03-01, card expires 2026-03

2026-03-01
  = no attempts Ann
  = Ann is "Past Due"
  = invoice 1 waits: card_expired
  = attempts Bob: 2026-03-01 succeeded

2026-03-05 10:20
  Ann renews card until 2030-02
  = attempts Ann: 2026-03-05 succeeded
  = Ann is Active
