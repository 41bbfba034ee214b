"""Pause a recurring invoice, go on with it, or end it (A-11)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.operations.recurring import interval_of, locked_recurring
from paidthru.invoicing.rules.recurring import after_pause, next_after
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def pause_recurring(
    organization: Organization, recurring_id: UUID, *, actor: Actor, now: datetime
) -> RecurringInvoice:
    """Nothing is made of it until it goes on. Paused again, nothing happens. Refused `recurring_unknown`,
    `recurring_ended`."""
    with transaction.atomic():
        one = _going_on(organization, recurring_id)
        if one.paused_at is None:
            one.paused_at = now
            _keep(one, "recurring_paused", organization, actor, now)
        return one


def resume_recurring(
    organization: Organization, recurring_id: UUID, *, actor: Actor, now: datetime
) -> RecurringInvoice:
    """It goes on with the first day that is today or later; what fell into the pause is left out. Going on already,
    nothing happens. Refused `recurring_unknown`, `recurring_ended`."""
    with transaction.atomic():
        one = _going_on(organization, recurring_id)
        if one.paused_at is not None:
            on, every = local_date(now, organization.zone), interval_of(one)
            one.paused_at = None
            one.made = after_pause(one.starts_on, every, one.made, one.ends_on, on)
            one.next_on = next_after(one.starts_on, every, one.made - 1, one.ends_on)
            _keep(one, "recurring_resumed", organization, actor, now)
        return one


def end_recurring(
    organization: Organization, recurring_id: UUID, *, actor: Actor, now: datetime, reason: str = ""
) -> RecurringInvoice:
    """No further one comes; those that are there stay. Refused `recurring_unknown`, `recurring_ended`."""
    with transaction.atomic():
        one = _going_on(organization, recurring_id)
        one.next_on = one.paused_at = None
        _keep(one, "recurring_ended", organization, actor, now, reason)
        return one


def _going_on(organization: Organization, recurring_id: UUID) -> RecurringInvoice:
    one = locked_recurring(organization.id, recurring_id)
    if one.next_on is None:
        raise Refused(
            "recurring_ended",
            "This recurring invoice has ended.",
            field="invoice",
            fix="Write a new one.",
        )
    return one


def _keep(
    one: RecurringInvoice, verb: str, organization: Organization, actor: Actor, now: datetime, why: str = ""
) -> None:
    one.save(update_fields=["paused_at", "made", "next_on"])
    facts = {"next": one.next_on.isoformat() if one.next_on else None}
    told = Happening(verb, "recurring_invoice", one.id, one.party_id, why, facts)
    record(organization.id, actor, now, [told])
