"""Ends: a cancellation with what it takes back, and what is over by now."""

from contextlib import suppress
from datetime import date, datetime, time
from functools import partial
from uuid import UUID

from django.db import transaction

from paidthru.actions.cancel_membership import Canceled, cancel_membership
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.end_due import end_due
from paidthru.actions.free_terms import free_terms
from paidthru.actions.note_access import note_access
from paidthru.actions.void_invoice import void_invoice
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.queries.ending import next_end
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.queries import attempts_at
from paidthru.runs.desk import Desk, at
from paidthru.runs.sending import abandon
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict


def cancel(
    desk: Desk,
    membership_id: UUID,
    *,
    actor: Actor,
    on: date | None = None,
    why: str = "",
    key: str | None = None,
) -> Canceled:
    """Cancels a membership, takes back the bills of terms that will not be, and gives up what is collecting them.

    Where nothing of such a bill was ever wanted it is void; where `cancel.unpaid` credits what is open, it is credited.
    With the same `key` all of it is done once. Refused as `cancel_membership`.
    """
    canceled = again_on_conflict(partial(_cancel, desk, membership_id, actor=actor, on=on, why=why, key=key))
    for invoice_id in canceled.taken_back:
        for attempt in attempts_at(invoice_id):
            if attempt.state in OPEN_ATTEMPT and attempt.state != "needs_review":
                with suppress(Refused):  # it ended meanwhile, or sending is paused: its next look fences it
                    abandon(desk, attempt.id, actor=actor, why="The membership was canceled.")
    return canceled


def _cancel(
    desk: Desk, membership_id: UUID, *, actor: Actor, on: date | None, why: str, key: str | None
) -> Canceled:
    """The cancellation and what it takes back, in one transaction."""
    organization, now = desk.organization, desk.clock.now()
    with transaction.atomic():
        canceled = cancel_membership(
            organization, membership_id, actor=actor, now=now, on=on, why=why, key=key
        )
        for invoice in Invoice.objects.filter(id__in=canceled.taken_back, state="sent").order_by("number"):
            reason = "The membership was canceled."
            if canceled.credits or invoice.balance_minor != invoice.total_minor:
                credit_invoice(organization, invoice.id, actor=actor, now=now, reason=reason)
            else:
                void_invoice(organization, invoice.id, actor=actor, now=now, reason=reason)
        free_terms(organization, membership_id)
        return canceled


def end_what_is_over(desk: Desk, *, on: date | None = None) -> int:
    """Ends every membership that is over by today, or by a local date before, page by page; returns how many. Cheap
    when none is."""
    ended = 0
    while True:
        done = again_on_conflict(
            partial(end_due, desk.organization, on=on or desk.today, actor=SCHEDULE, now=desk.clock.now())
        )
        ended += done
        if not done:
            return ended


def tell_access(desk: Desk) -> None:
    """Says of every membership whose access has changed what it opens now: arrears, dates and payments change it."""
    while again_on_conflict(
        partial(note_access, desk.organization, on=desk.today, actor=SCHEDULE, now=desk.clock.now())
    ):
        pass


def next_end_at(desk: Desk) -> datetime | None:
    """When the next membership is over: at the first instant of its first day without it."""
    on = next_end(desk.organization.id, policies_of(desk.organization))
    return at(desk, on, time.min) if on is not None else None
