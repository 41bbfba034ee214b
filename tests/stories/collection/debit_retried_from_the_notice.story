story: A bank debit is tried again so many days after the bank's notice, and never beside one under way
shows: P-18 X22 I-24

organization Loft: preset coworking, currency USD, zone America/Chicago
policy collect.on_exhausted = stay_past_due
plan Desk: 200.00 every month
member Ann: plan Desk, next renewal 2026-03-02, by bank account

2026-03-02
  = attempts Ann: 2026-03-02 processing

2026-03-05
  = attempts Ann: 2026-03-02 processing
  = settlement invoice 1 "In Progress"

2026-03-06
  gateway answers for Ann failed R01
  = attempts Ann: 2026-03-02 declined
  = Ann is Delinquent

2026-03-11
  = attempts Ann: 2026-03-02 declined, 2026-03-07 processing
  gateway answers for Ann failed R01

2026-03-14
  = attempts Ann: 2026-03-02 declined, 2026-03-07 declined, 2026-03-14 processing
  gateway answers for Ann failed R01

2026-03-25                                      # presented again twice: no more, whatever the schedule says
  = attempts Ann: 2026-03-02 declined, 2026-03-07 declined, 2026-03-14 declined
  = invoice 3 waits: representment_over
