story: A change of policy comes on its day, and changes nothing that was billed
shows: G-01 G-10 G-11

organization Birch Society: preset community, currency USD, zone America/New_York
plan Regular: 120.00 every year
member Ann: plan Regular, next renewal 2026-02-15
member Bob: plan Regular, next renewal 2026-03-15

2026-02-01
  staff sets policy accounting.method from 2026-03-01 = accrual
  staff sets policy paid_through.on from 2026-03-10 = billed -> refused policy_conflict
  staff sets policy credit.apply from 2026-02-01 = ask -> refused past_date
  staff sets policy status.grace_months from 2026-02-20 = 2
  staff withdraws change of policy status.grace_months
  staff withdraws change of policy status.grace_months -> refused policy_change_unknown
  = policy accounting.method from preset = cash

# Ann is billed by cash accounting: her receivable stays a memo, whenever she pays.
2026-02-28
  = policy accounting.method from preset = cash
  = policy status.grace_months from preset = 0
  = ledger
      Income:Dues  0.00

2026-03-01
  = policy accounting.method from organization = accrual

2026-03-15
  = Bob owes 120.00
  = ledger
      Income:Dues  -120.00

# Her payment is income when it comes; Bob's was income when he was billed.
2026-04-01
  Ann pays 120.00 by check
  Bob pays 120.00 by check
  = ledger
      Income:Dues  -240.00
      Receivable   0.00
