"""Pledges, whose instalments are billed as they fall due (A-27), and receipts for what was given (A-25)."""

from datetime import datetime

from paidthru.actions.bill_pledges import bill_pledges
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.giving.queries import next_part_on
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE


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
    (`giving.receipts`); returns how many."""
    organization = desk.organization
    if policies_of(organization).word("giving.receipts") == "off":
        return 0
    kept = 0
    while done := issue_tax_receipts(organization, now=desk.clock.now()):
        kept += done
    return kept
