"""What will be asked for, or charged, in the time ahead, each with its day: of one party, or of all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Literal
from uuid import UUID

from paidthru.assessments.models import Assessment, LevyPart
from paidthru.assessments.queries import interval_of as assessed_every
from paidthru.giving.models import Gift, PledgePart
from paidthru.giving.queries import interval_of as given_every
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.recurring import upcoming
from paidthru.membership.queries import memberships_of, next_charge
from paidthru.membership.queries.paying import paid_for_by
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Holding
from paidthru.runs.desk import Desk

Way = Literal["by itself", "asked for"]


@dataclass(frozen=True, slots=True)
class ComingCharge:
    """An amount (minor units) on a local date, what it is for, and whether it comes by itself, for a payment method is
    charged, or is asked for, of `party_id`. `key` is the same for the same charge, however often it is asked about.
    `member` is whose membership it is, where it is another's."""

    on: date
    what: str
    amount_minor: int
    currency: str
    way: Way
    key: str
    party_id: UUID
    member: str = ""


def coming_charges(desk: Desk, party_id: UUID, *, until: date) -> list[ComingCharge]:
    """What comes to a party from today to before a local date, in order: what is billed and open, then what will be.
    Of a membership the next term alone: what the one after it costs, nobody has decided yet."""
    found = (
        *_open(desk, party_id),
        *_of_memberships(desk, party_id),
        *pledges_ahead(desk, until, party_id),
        *gifts_ahead(desk, until, party_id),
        *homes_ahead(desk, until, party_id),
    )
    return sorted((one for one in found if one.on < until), key=lambda one: (one.on, one.what, one.key))


def pledges_ahead(desk: Desk, until: date, party_id: UUID | None = None) -> Iterator[ComingCharge]:
    """The instalments of pledges that are not billed yet."""
    parts = PledgePart.objects.filter(organization=desk.organization, invoice=None, due_on__lt=until)
    if party_id is not None:
        parts = parts.filter(pledge__party=party_id)
    for one in parts.select_related("pledge").iterator():
        on, what = max(one.due_on, desk.today), f"Pledge, instalment {one.n}"
        currency, key, donor = one.pledge.currency, f"pledge part {one.id}", one.pledge.party_id
        yield ComingCharge(on, what, one.amount_minor, currency, "asked for", key, donor)


def gifts_ahead(desk: Desk, until: date, party_id: UUID | None = None) -> Iterator[ComingCharge]:
    """The gifts that come again."""
    gifts = Gift.objects.filter(organization=desk.organization, next_on__lt=until)
    if party_id is not None:
        gifts = gifts.filter(party=party_id)
    for one in gifts.select_related("campaign").iterator():
        what = f"Gift to {one.campaign.name}" if one.campaign else "Gift"
        for on, was in within(desk, upcoming(one.anchor_on, given_every(one), one.made, None), until):
            key = f"gift {one.id} {was}"
            yield ComingCharge(on, what, one.amount_minor, one.currency, "by itself", key, one.party_id)


def homes_ahead(desk: Desk, until: date, party_id: UUID | None = None) -> Iterator[ComingCharge]:
    """Assessments, and instalments of levies that are not billed yet; a home without an owner is billed to nobody."""
    held = Holding.objects.filter(organization=desk.organization, role="owner", until_on=None)
    if party_id is not None:
        held = held.filter(party=party_id)
    homes = {one.unit_id: one for one in held.select_related("unit")}
    regular = Assessment.objects.filter(organization=desk.organization, next_on__lt=until)
    levied = LevyPart.objects.filter(organization=desk.organization, invoice=None, due_on__lt=until)
    if party_id is not None:
        regular, levied = regular.filter(unit__in=homes), levied.filter(unit__in=homes)
    for one in regular.iterator():
        days = upcoming(one.starts_on, assessed_every(one), one.made, one.ends_on)
        if (home := homes.get(one.unit_id)) is None:
            continue
        for on, was in within(desk, days, until):
            what, key = f"{one.name}, {home.unit.name}", f"assessment {one.id} {was}"
            way = _way(home.autopay)
            yield ComingCharge(on, what, one.amount_minor, one.currency, way, key, home.party_id)
    for part in levied.select_related("levy").iterator():
        if (home := homes.get(part.unit_id)) is not None:
            on, what = max(part.due_on, desk.today), f"{part.levy.name}, {home.unit.name}"
            way, key = _way(home.autopay), f"levy part {part.id}"
            yield ComingCharge(on, what, part.amount_minor, part.levy.currency, way, key, home.party_id)


def within(desk: Desk, days: Iterator[date], until: date) -> Iterator[tuple[date, date]]:
    """Those before `until`, each with itself: what should have come already comes today."""
    return ((max(on, desk.today), on) for on in takewhile(lambda on: on < until, days))


def _open(desk: Desk, party_id: UUID) -> Iterator[ComingCharge]:
    mine = Invoice.objects.filter(organization=desk.organization, party=party_id)
    for one in mine.filter(state="sent", balance_minor__gt=0).order_by("due_on", "number"):
        on, what = max(one.due_on, desk.today), f"Invoice {one.label}"
        key = f"invoice {one.id}"
        yield ComingCharge(on, what, one.balance_minor, one.currency, "asked for", key, party_id)


def _of_memberships(desk: Desk, party_id: UUID) -> Iterator[ComingCharge]:
    policies = policies_of(desk.organization)
    own = [one for one in memberships_of(party_id) if one.paid_by == party_id]
    for one in [*own, *paid_for_by(desk.organization.id, party_id)]:
        charge = next_charge(one, policies, desk.today)
        if charge is None or not charge.is_renewal or not charge.amount_minor:
            continue
        member = "" if one.party_id == party_id else one.party.name
        what = f"{one.plan.name} of {member}" if member else one.plan.name
        on, key = max(charge.on, desk.today), f"membership {one.id} {charge.on}"
        way = _way(one.autopay)
        yield ComingCharge(on, what, charge.amount_minor, charge.currency, way, key, party_id, member)


def _way(by_itself: bool) -> Way:
    return "by itself" if by_itself else "asked for"
