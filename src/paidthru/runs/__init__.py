"""Runs: the scheduled work, and the strings of actions behind one click.

Everything here can be asked for again at any moment: what is due lives in the tables, and each action is idempotent.
The worker calls `work` with the real clock; a sandbox's time bar and the stories call `advance`, which does the same
work at each instant at which something falls due.
"""

from paidthru.runs.catching_up import Missed, catch_up, missed, terms_due
from paidthru.runs.clockwork import advance, next_work, reach_goal, work
from paidthru.runs.collection import (
    Submission,
    pay_online,
    refuse_while_collecting,
    submit,
)
from paidthru.runs.desk import CLOSING_AT, Desk, Progress, at, turn_key
from paidthru.runs.ending import cancel, end_what_is_over, tell_access
from paidthru.runs.inbox import receive, work_inbox
from paidthru.runs.refunds import look_at_refund, send_refunds
from paidthru.runs.renewals import Asked, bill_due, generate, preview_run, propose, release, write_run
from paidthru.runs.replay import replay
from paidthru.runs.reviews import approve_review
from paidthru.runs.sending import abandon, collect, collect_unsent, fence, look, resume, retrieve
from paidthru.runs.sweep import Difference, SweepReport, sweep
from paidthru.runs.throttling import sending_paused
from paidthru.runs.trying import collect_due, day_is_done
from paidthru.runs.turns import take_turn
from paidthru.runs.watching import KINDS, Overdue, Watch, note_seen, overdue, watch

__all__ = [
    "CLOSING_AT",
    "KINDS",
    "Asked",
    "Desk",
    "Difference",
    "Missed",
    "Overdue",
    "Progress",
    "Submission",
    "SweepReport",
    "Watch",
    "abandon",
    "advance",
    "approve_review",
    "at",
    "bill_due",
    "cancel",
    "catch_up",
    "collect",
    "collect_due",
    "collect_unsent",
    "day_is_done",
    "end_what_is_over",
    "fence",
    "generate",
    "look",
    "look_at_refund",
    "missed",
    "next_work",
    "note_seen",
    "overdue",
    "pay_online",
    "preview_run",
    "propose",
    "reach_goal",
    "receive",
    "refuse_while_collecting",
    "release",
    "replay",
    "resume",
    "retrieve",
    "send_refunds",
    "sending_paused",
    "submit",
    "sweep",
    "take_turn",
    "tell_access",
    "terms_due",
    "turn_key",
    "watch",
    "work",
    "work_inbox",
    "write_run",
]
