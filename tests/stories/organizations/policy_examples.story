story: An example stands in the way of a change that breaks it
shows: A-52 P-05 P-04

organization Loft: preset coworking, currency USD, zone America/Chicago
plan Desk: 200.00 every month

2026-03-01
  staff sets policy collect.offsets = [0, 2]              # nothing is expected yet
  staff sets policy collect.offsets = [0, 1, 3, 3]
  staff keeps the preset's examples                       # tried on the 1st, 2nd, 5th and 8th

2026-03-02
  staff sets policy collect.offsets = [0, 2] -> refused policy_example_broken
