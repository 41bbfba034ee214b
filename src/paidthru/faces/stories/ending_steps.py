"""Steps in which memberships end, or go on after all."""

from collections.abc import Callable
from typing import Any

from paidthru import runs
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.timeline.operations import Actor

from .forms import Step
from .step_forms import MemberCancels, MemberUndoesCancellation, StaffCancels
from .telling import STAFF, Telling


def _member_cancels(telling: Telling, step: MemberCancels) -> None:
    membership = telling.membership(step.member)
    runs.cancel(telling.desk, membership.id, on=step.on, actor=Actor("member", step.member))


def _staff_cancels(telling: Telling, step: StaffCancels) -> None:
    runs.cancel(telling.desk, telling.membership(step.member).id, on=step.on, actor=STAFF)


def _undoes(telling: Telling, step: MemberUndoesCancellation) -> None:
    undo_cancellation(
        telling.organization,
        telling.membership(step.member).id,
        actor=Actor("member", step.member),
        now=telling.desk.clock.now(),
    )


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberCancels: _member_cancels,
    StaffCancels: _staff_cancels,
    MemberUndoesCancellation: _undoes,
}
