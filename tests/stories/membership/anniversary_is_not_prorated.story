story: Prorating by months needs annual terms
shows: G-34 G-35

organization Maple Club: preset association, currency USD, zone America/New_York
policy term.basis = anniversary
plan Regular: 200.00 every year

2026-07-20
  staff sets policy proration.join = months -> refused policy_conflict
  staff sets policy proration.join = table -> refused policy_conflict
  staff sets policy proration.join = none
  Ann joins Regular by check
  = Ann term 2026-07-01 to 2027-06-30 200.00
  Bob joins Regular by check, prorated          # there is no fixed term of which a part could be charged
  = Bob term 2026-07-01 to 2027-06-30 200.00

2026-07-21
  staff sets policy term.basis = annual
  staff sets policy proration.join = months
  Cid joins Regular by check
  = Cid term 2026-07-01 to 2026-12-31 100.00
  staff sets policy term.basis = anniversary -> refused policy_conflict
