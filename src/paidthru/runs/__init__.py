"""Runs: the scheduled work, and the strings of actions behind one click.

Everything here can be asked for again at any moment: what is due lives in the tables, and each action is idempotent.
The worker calls `work` with the real clock; a sandbox's time bar and the stories call `advance`, which does the same
work at each instant at which something falls due.
"""

from paidthru.runs.clockwork import advance, next_work, reach_goal, work
from paidthru.runs.collection import (
    Submission,
    collect,
    collect_due,
    collect_unsent,
    look,
    mark_cycle_paid,
    pay_online,
    refuse_while_collecting,
    retrieve,
    submit,
)
from paidthru.runs.desk import BILLING_AT, CLOSING_AT, Desk, Progress, at, turn_key
from paidthru.runs.renewals import Asked, bill_due, generate, preview_run, propose, release, write_run

__all__ = [
    "BILLING_AT",
    "CLOSING_AT",
    "Asked",
    "Desk",
    "Progress",
    "Submission",
    "advance",
    "at",
    "bill_due",
    "collect",
    "collect_due",
    "collect_unsent",
    "generate",
    "look",
    "mark_cycle_paid",
    "next_work",
    "pay_online",
    "preview_run",
    "propose",
    "reach_goal",
    "refuse_while_collecting",
    "release",
    "retrieve",
    "submit",
    "turn_key",
    "work",
    "write_run",
]
