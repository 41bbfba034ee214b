"""Pledges, whose instalments are billed as they fall due (A-27), and receipts for what was given (A-25)."""

from datetime import datetime, timedelta

from django.db import transaction

from paidthru.actions.bill_pledges import bill_pledges
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.giving.queries import happened_since, next_part_on
from paidthru.kernel.ids import first_id_at
from paidthru.organizations.operations import set_mark
from paidthru.organizations.queries import database_now, mark_of, policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE

_SEEN, _WHOLE = "tax receipts", "tax receipts of all"  # how far, by the database's clock
_OVERLAP = timedelta(minutes=10)  # an event's id is made before it is there for others to see


def bill_due_pledges(desk: Desk) -> int:
    """Bills the instalments whose date has come, and mails them; returns how many."""
    due = next_pledge_at(desk)
    if due is None or due > desk.clock.now():
        return 0
    billed = 0
    while made := bill_pledges(desk.organization, actor=SCHEDULE, now=desk.clock.now()):
        billed += len(made)
    return billed


def next_pledge_at(desk: Desk) -> datetime | None:
    """When the next instalment is billed; an instant that has passed means now."""
    organization = desk.organization
    on = next_part_on(organization.id)
    return first_opening(policies_of(organization), organization.zone, on) if on is not None else None


def keep_receipts(desk: Desk) -> int:
    """Issues and voids tax receipts so that they say what was received, where the organization has them
    (`giving.receipts`); returns how many. It looks at whom something happened to since it last did, and once a day at
    all: what commits long after it began isn't missed."""
    organization = desk.organization
    if policies_of(organization).word("giving.receipts") == "off":
        return 0
    began = database_now()
    seen, whole = mark_of(organization.id, _SEEN), mark_of(organization.id, _WHOLE)
    after = None
    if seen is not None and whole is not None and timedelta(0) <= began - whole < timedelta(days=1):
        after = first_id_at(int((seen - _OVERLAP).timestamp()) * 1000)
        if not happened_since(organization.id, after):
            return 0
    kept = 0
    while done := issue_tax_receipts(organization, after=after, now=desk.clock.now()):
        kept += done
    with transaction.atomic():
        set_mark(organization.id, _SEEN, began)
        if after is None:
            set_mark(organization.id, _WHOLE, began)
    return kept
