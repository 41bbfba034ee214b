story: A weekend costs more, from midnight on
shows: C-26 C-27

organization Riverside: preset coworking, currency USD, zone America/Chicago
visit price Weekday: non-member 10.00, overage 5.00, Mon-Fri 00:00-24:00
visit price Weekend: non-member 20.00, overage 12.00, Sat-Sun 00:00-24:00

2026-01-02 23:59
  visitor visits
  = invoice 1 sent 10.00

2026-01-03 00:00
  visitor visits
  visitor visits
  = invoice 2 sent 20.00
  = ledger
      Income:Visits  -30.00

2026-01-03 12:00
  visitor visits Weekday -> refused no_visit_price
  visitor visits Nowhere -> refused place_unknown
