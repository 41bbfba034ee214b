"""The steps that change a running membership: switches, renewal dates, active, cycles marked as paid."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.mark_cycle_paid import mark_cycle_paid
from paidthru.actions.set_active import set_active
from paidthru.actions.set_payment_reason import set_payment_reason
from paidthru.actions.set_renewal_date import set_renewal_date
from paidthru.runs import changes
from paidthru.timeline.operations import Actor

from .forms import Step
from .step_forms import (
    MemberSwitches,
    StaffMarksCyclePaid,
    StaffSetsActive,
    StaffSetsPaymentReason,
    StaffSetsRenewalDate,
    StaffSwitches,
)
from .telling import STAFF, Telling


def _member_switches(telling: Telling, step: MemberSwitches) -> None:
    telling.membership(step.member)
    changes.switch(
        telling.desk,
        telling.party(step.member).id,
        telling.plan(step.plan).id,
        actor=Actor("member", step.member),
    )


def _staff_switches(telling: Telling, step: StaffSwitches) -> None:
    telling.membership(step.member)
    changes.switch(telling.desk, telling.party(step.member).id, telling.plan(step.plan).id, actor=STAFF)


def _sets_renewal_date(telling: Telling, step: StaffSetsRenewalDate) -> None:
    set_renewal_date(
        telling.organization,
        telling.party(step.member).id,
        step.renewal_date,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _sets_active(telling: Telling, step: StaffSetsActive) -> None:
    set_active(telling.organization, telling.party(step.member).id, actor=STAFF, now=telling.desk.clock.now())


def _sets_reason(telling: Telling, step: StaffSetsPaymentReason) -> None:
    set_payment_reason(
        telling.organization,
        telling.party(step.member).id,
        reason=step.reason or "resolved",
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _marks_cycle_paid(telling: Telling, step: StaffMarksCyclePaid) -> None:
    telling.membership(step.member)
    mark_cycle_paid(
        telling.organization,
        telling.party(step.member).id,
        reason=step.method,
        amount_minor=telling.money(step.amount)[0] if step.amount else None,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberSwitches: _member_switches,
    StaffSwitches: _staff_switches,
    StaffSetsRenewalDate: _sets_renewal_date,
    StaffSetsActive: _sets_active,
    StaffSetsPaymentReason: _sets_reason,
    StaffMarksCyclePaid: _marks_cycle_paid,
}
