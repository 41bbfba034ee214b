"""Visits: recorded, billed and collected, at once or when their cycle is over (C-03, C-27)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from paidthru.actions.bill_visits import bill_visits
from paidthru.actions.record_visit import record_visit
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.payments.queries import active_method
from paidthru.runs.charges import collect_now
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, Actor
from paidthru.visits.models import Visit
from paidthru.visits.queries import next_to_bill


def visit(
    desk: Desk,
    party_id: UUID,
    *,
    place: str = "",
    channel: Literal["kiosk", "staff"] = "staff",
    actor: Actor,
    key: str | None = None,
) -> Visit:
    """Records a visit; one that costs something now is billed, and charged to the method on file. It stays open where
    there is none, or it is declined. Refused as `record_visit`."""
    recorded = record_visit(
        desk.organization, party_id, place=place, channel=channel, actor=actor, now=desk.clock.now(), key=key
    )
    if recorded.invoice_id is None and recorded.bill_on is not None and recorded.bill_on <= desk.today:
        _collect(
            desk, bill_visits(desk.organization, party_id=party_id, actor=actor, now=desk.clock.now()), actor
        )
    return Visit.objects.select_related("invoice", "price", "party").get(id=recorded.id)


def bill_due_visits(desk: Desk) -> int:
    """Bills and collects the visits whose cycle is over; returns how many invoices."""
    due = next_visits_at(desk)
    if due is None or due > desk.clock.now():
        return 0
    billed = 0
    while made := bill_visits(desk.organization, actor=SCHEDULE, now=desk.clock.now()):
        billed += len(made)
        _collect(desk, made, SCHEDULE)
    return billed


def next_visits_at(desk: Desk) -> datetime | None:
    """When visits are billed next; an instant that has passed means now."""
    organization = desk.organization
    on = next_to_bill(organization.id)
    return first_opening(policies_of(organization), organization.zone, on) if on is not None else None


def _collect(desk: Desk, invoice_ids: list[UUID], actor: Actor) -> None:
    for invoice in Invoice.objects.filter(id__in=invoice_ids, state="sent").order_by("number"):
        if active_method(invoice.party_id) is None:
            continue
        try:
            collect_now(desk, invoice.id, actor=actor)
        except Refused:  # it is billed all the same, and stands open with its reason
            continue
