"""A seeded simulation of collection (field-notes C.11): the real services on a real PostgreSQL, between them and the
world a gateway, a clock and faults of our own. One number, the seed, decides everything that happens in a schedule:
who acts and in which order, statement by statement; what goes wrong; when it is looked at. So a failure is replayed by
its number.

    stage.py      the actors of a schedule (threads, of which one at a time goes on) and who is next
    wires.py      the wire between an actor and the database: the points at which another goes on, or something breaks
    calendar.py   the simulated clock, the database's too
    truth.py      the gateway's own books, and what happens in them by itself
    gateway.py    those books behind the product's port, with all that can go wrong on the way
    swarm.py      which faults a seed turns up, and how far
    clubs.py      organizations to collect for, copied from ones that were built by the product itself
    acts.py       what workers, staff and members do
    schedule.py   one schedule, from its seed to its verdict
    judge.py      what must be true at its end
    mutants.py    planted bugs, and by what each is caught

By hand: `make simulate N=20000 SEED=1`, `make mutants`.
"""
