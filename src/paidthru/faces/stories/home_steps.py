"""Homes in stories: units, assessments, levies and transfers."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess
from paidthru.assessments.queries import owed_by_unit, waiting_of_unit
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import Interval, Unit
from paidthru.people.queries import unit_named
from paidthru.runs.homes import hand_over_home, levy_now

from .billing_forms import StaffAssesses, StaffLevies, StaffTransfersUnit
from .expectation_forms import UnitOwes
from .forms import Expectation, SetupLine, Step
from .setup_forms import UnitSetup
from .telling import STAFF, Telling


def _unit(telling: Telling, line: UnitSetup) -> None:
    owner = telling.party(line.owner) if line.owner else None
    add_unit(
        telling.organization,
        line.name,
        share=line.share,
        owner_id=owner.id if owner else None,
        autopay=owner is not None and telling.pays_by_itself(owner),
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _levies(telling: Telling, step: StaffLevies) -> None:
    amount_minor, currency = telling.money(step.amount)
    levy_now(
        telling.desk,
        name=step.purpose,
        amount_minor=amount_minor,
        currency=currency,
        method="equally" if step.split == "equally" else "share",
        due_on=step.due,
        actor=STAFF,
    )


def _assesses(telling: Telling, step: StaffAssesses) -> None:
    amount_minor, currency = telling.money(step.amount)
    assess(
        telling.organization,
        unit_named(telling.organization.id, step.unit).id,
        amount_minor=amount_minor,
        currency=currency,
        every=Interval(1, Unit(step.every)),
        starts_on=step.starting,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _transfers(telling: Telling, step: StaffTransfersUnit) -> None:
    party = telling.newcomer(step.member)
    hand_over_home(
        telling.desk,
        unit_named(telling.organization.id, step.unit).id,
        party.id,
        autopay=telling.pays_by_itself(party),
        actor=STAFF,
    )


def _owes(telling: Telling, line: UnitOwes) -> tuple[str, str]:
    """What is open of a unit; of one that nobody owns, what waits for an owner as well."""
    amount_minor, currency = telling.money(line.amount)
    unit = unit_named(telling.organization.id, line.unit)
    today = local_date(telling.desk.clock.now(), telling.organization.zone)
    waiting = waiting_of_unit(unit.id, today)
    owed_minor = owed_by_unit(unit.id).get(currency, 0) + waiting.get(currency, 0)
    return telling.shown(amount_minor, currency), telling.shown(owed_minor, currency)


HOME_SETTERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {UnitSetup: _unit}
HOME_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffLevies: _levies,
    StaffAssesses: _assesses,
    StaffTransfersUnit: _transfers,
}
HOME_READERS: dict[type[Expectation], Callable[[Telling, Any], tuple[str, str]]] = {UnitOwes: _owes}
