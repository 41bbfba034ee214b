"""What performance means here, measured: `make bench N=10000`.

A figure of seconds says more about the machine than about us. So every figure has a floor beside it: the same rows
written by plain set-based SQL, in the same run, on the same PostgreSQL with the settings it ships with (fsync on).
What is printed as a ratio is the floor's time divided by ours: 1.00 would mean that pricing, explaining and checking
cost nothing beyond what the database needs for the rows.

    run.py          the measurements, in order
    renewal.py      a renewal run against its floor (floor.py, floor.sql)
    importing.py    an import against its floor (roster.py, roster.sql)
    collecting.py   a submission through the sandbox processor
    ticking.py      what the calendar costs that comes by every minute
    pages.py        every page with 100,000 members, `make pages N=100000` (club.py, cloning.py, walking.py)
    throughput.py   sending to a gateway that takes its time and limits us (sending.py, slow_gateway.py)
    measure.py      one measurement in a process of its own, so that its memory is its own
    server.py       a PostgreSQL of our own, and copies of seeded databases, so that no measurement sees another's
    seeding.py      what they are seeded with
    rows.py         that the floor and we have written the same
    report.py       the table, and the file in results/
"""
