"""When an invoice is tried by itself: the first time, again after a failure, and with a new payment method.

Pure. `collect.offsets` holds days after the previous failure and begins with the first try, so [0, 1, 3, 3] tries on
the 1st, 2nd, 5th and 8th (P-05, X5); a new version of a method goes through them from the start. Days are local,
and a try is made at the member's time of day (`billing.slot`, P-02); with an offset of 0 it follows an hour after the
failure (A-45).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from paidthru.kernel.clock import local_date
from paidthru.organizations.rules.slots import reached_at
from paidthru.payments.rules.retries import Instrument, PastAttempt

SAME_DAY_AFTER = timedelta(hours=1)
OnUpdate = Literal["charge_within", "next_slot", "release"]


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """An organization's schedule: its offsets, what a new method brings about (`collect.on_method_update`), whether
    first tries are the schedule's (`collect.submit`), the member's time of day and the zone."""

    offsets: tuple[int, ...]
    on_update: OnUpdate
    first_by_schedule: bool
    billing_at: time
    zone: str

    @property
    def tries_anything(self) -> bool:
        """Whether anything is ever tried without staff."""
        return self.first_by_schedule or len(self.offsets) > 1 or self.on_update != "release"

    def slot(self, on: date) -> datetime:
        """The instant of a local date at which the member is charged."""
        return reached_at(on, self.billing_at, self.zone)

    def slot_from(self, at: datetime) -> datetime:
        """The member's first such instant at or after another."""
        on = local_date(at, self.zone)
        slot = self.slot(on)
        return slot if slot >= at else self.slot(on + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Planned:
    """When the next try is due (it may be past: then it is due now), and who begins it: schedule or retry."""

    at: datetime
    initiator: Literal["schedule", "retry"]


def next_try(
    history: Sequence[PastAttempt],
    method: Instrument,
    saved_at: datetime,
    due_on: date,
    schedule: RetrySchedule,
    *,
    grants: Sequence[datetime] = (),
    worked_at: datetime | None = None,
) -> Planned | None:
    """The next try that is made by itself of an invoice due on a local date, with the method on file that was saved at
    `saved_at`; None when there is none: staff decide.

    `history` is oldest first and holds nothing that is open. A try that staff allowed (`grants`, oldest first) is made
    at the member's next time of day where submission is the schedule's; and so is that of a card which its network
    renewed: the payer did nothing, so nothing is charged on receipt (C.8). `worked_at`: when the method was last
    charged with success by itself; after its last failure that brings one more try of what it failed, however many were
    made (X10; given only where earlier terms go on being collected). Whether it may be made says `retry_allowed`.
    """
    first_slot = schedule.slot(due_on)
    tried = [past for past in history if past.state != "canceled" and not (past.by_visitor and past.failed)]
    failures = [past for past in tried if past.failed]
    mine = in_sequence([past for past in failures if method.is_version_of(past)], due_on)
    if tried and not tried[-1].failed:
        return None  # it was paid once, and staff took that back: they decide
    unused = tried and len(grants) > tried[-1].allowed_before
    if unused and schedule.first_by_schedule:
        return Planned(max(first_slot, schedule.slot_from(grants[-1])), "retry")
    if mine:
        if len(mine) >= len(schedule.offsets):
            if worked_at is None or worked_at <= failures[-1].at:
                return None
            return Planned(max(first_slot, worked_at), "retry")
        return Planned(_after(mine, schedule), "retry")
    ahead = all(past.by_hand and past.on < due_on for past in tried)  # the payer's own, before it was due
    if ahead and saved_at <= first_slot:
        return Planned(first_slot, "schedule") if schedule.first_by_schedule else None
    if ahead and not schedule.first_by_schedule:
        return None
    by_network = any(past.authorization == method.authorization != "" for past in tried)
    if schedule.on_update == "charge_within" and not by_network:
        return Planned(max(first_slot, saved_at), "retry" if tried else "schedule")
    if tried and schedule.on_update == "release":
        return None
    slot = max(first_slot, schedule.slot_from(saved_at))
    if schedule.on_update == "next_slot" and failures:
        # the retry that is planned already is the next one: the new method waits for it (C-49, X9)
        last = failures[-1]
        same = [
            past
            for past in failures
            if (past.method_fingerprint, past.expires) == (last.method_fingerprint, last.expires)
        ]
        before = in_sequence(same, due_on)
        if before and len(before) < len(schedule.offsets):
            slot = max(slot, _after(before, schedule))
    return Planned(slot, "retry" if tried else "schedule")


def _after(mine: Sequence[PastAttempt], schedule: RetrySchedule) -> datetime:
    """The instant that the offsets give after so many failures with one version of a method; there are more offsets."""
    last, offset = mine[-1], schedule.offsets[len(mine)]
    return last.at + SAME_DAY_AFTER if offset == 0 else schedule.slot(last.on + timedelta(days=offset))


def in_sequence(mine: Sequence[PastAttempt], due_on: date) -> list[PastAttempt]:
    """The failures that take a place among the offsets: those of the schedule and of submissions. A try by hand shifts
    nothing; only where it came first, on the due date or later, it was the first try."""
    counted = [past for past in mine if not past.by_hand]
    first = next((past for past in mine if past.by_hand and past.on >= due_on), None)
    if first is not None and (not counted or first.at < counted[0].at):
        counted.insert(0, first)
    return counted
