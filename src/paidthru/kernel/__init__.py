"""The ground floor: what every room needs and none of them owns.

What it knows: money in minor units and how a sum is split without losing one of them; business dates and
the periods between them; the clock as something that is handed in; ids; state tables; one kind of refusal.

Its nouns: `Money`, `Interval`, `Period`, `Clock`, `Machine`, `Refused`.

What it never does: import Django or any other room, know what a member or an invoice is, talk to the
network or the disk, or use floating point for money. Amounts are rounded in `money.py` only, and the time
is read in `clock.py` only.
"""
