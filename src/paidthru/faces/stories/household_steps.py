"""The steps and expectations of households and companies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paidthru.actions.add_party import add_party
from paidthru.actions.let_go import let_go
from paidthru.actions.set_payer import set_payer
from paidthru.actions.take_in import take_in
from paidthru.kernel.errors import Refused
from paidthru.membership.queries import membership_of
from paidthru.membership.queries.covering import covers_of
from paidthru.people.operations import PartyDraft
from paidthru.people.queries import belongings_of
from paidthru.timeline.operations import Actor

from .forms import SetupLine, Step
from .household_forms import CoverIs, NoCover, PayerBegins, PayerIs, PayerStops, StaffLetsGo, StaffTakesIn
from .telling import STAFF, Telling, address_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongs(SetupLine):
    """What a member's line says of its household, done when every member is there: it may have a line of its own."""

    member: str
    household: str


def belongs(telling: Telling, line: Belongs) -> None:
    """A member of the setup belongs to a household, which is made where no line has made it."""
    now, group = telling.desk.clock.now(), telling.find_party(line.household)
    if group is None:
        draft = PartyDraft(line.household, "household", email=address_of(line.household))
        add_party(telling.organization, draft, actor=STAFF, now=now)
        group = telling.party(line.household)
    take_in(
        telling.organization,
        telling.party(line.member).id,
        group.id,
        from_on=telling.desk.today,
        actor=STAFF,
        now=now,
    )


def _takes_in(telling: Telling, step: StaffTakesIn) -> None:
    take_in(
        telling.organization,
        telling.party(step.member).id,
        telling.party(step.group).id,
        from_on=step.start or telling.desk.today,
        role=step.role or "",
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _lets_go(telling: Telling, step: StaffLetsGo) -> None:
    stays = belongings_of(telling.organization.id).filter(
        party=telling.party(step.member), group=telling.party(step.group)
    )
    latest = stays.order_by("from_on").last()
    if latest is None:
        raise Refused(
            "belonging_unknown",
            f"{step.member} never belonged to {step.group}.",
            field="member",
            value=step.member,
            fix="Take them in first.",
        )
    let_go(
        telling.organization,
        latest.id,
        until_on=step.on or telling.desk.today,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def cover(telling: Telling, line: CoverIs | NoCover) -> tuple[str, str]:
    """What is expected to cover somebody, and what does; of several, the expected one where it is among them."""
    found = [
        f"{one.membership.party.name} on {one.membership.plan.name}"
        for one in covers_of(
            telling.organization.id, telling.party(line.member).id, telling.policies, telling.desk.today
        )
        if one.holds
    ]
    expected = f"{line.holder} on {line.plan}" if isinstance(line, CoverIs) else "no cover"
    return expected, expected if expected in found else ", ".join(found) or "no cover"


def _pays_for(telling: Telling, step: PayerBegins | PayerStops) -> None:
    payer, begins = telling.party(step.payer), isinstance(step, PayerBegins)
    set_payer(
        telling.organization,
        telling.party(step.member).id,
        payer.id if begins else None,
        autopay=begins and telling.pays_by_itself(payer),
        actor=Actor("member", payer.name),
        now=telling.desk.clock.now(),
    )


def paying(telling: Telling, line: PayerIs) -> tuple[str, str]:
    """Who pays for a member, as expected and as it is."""
    membership = membership_of(telling.party(line.member).id)
    payer = membership.payer if membership else None
    return line.payer, payer.name if payer else line.member


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffTakesIn: _takes_in,
    StaffLetsGo: _lets_go,
    PayerBegins: _pays_for,
    PayerStops: _pays_for,
}
