"""Invoices that staff write: issued and mailed, by hand or when their day has come (A-10 to A-17)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.actions.discard_draft import discard_draft
from paidthru.actions.issue_draft import issue_draft
from paidthru.actions.make_recurring import make_recurring
from paidthru.actions.send_invoice import send_invoice
from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.reckoning import Reckoned, reckoned
from paidthru.invoicing.operations.writing import Paper, books_of
from paidthru.invoicing.queries import drafts_to_send, next_written
from paidthru.invoicing.rules.writing import WrittenLine, checked_lines
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.people.models import Party
from paidthru.runs.charges import void
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, Actor

A_BATCH = 200


def bill(
    desk: Desk,
    payer: Payer,
    lines: Sequence[WrittenLine],
    *,
    actor: Actor,
    currency: str = "",
    due_on: date | None = None,
    as_draft: bool = False,
    recurrence: Recurrence | None = None,
    key: str | None = None,
) -> Invoice:
    """Writes an invoice, and mails it unless it is a draft, is paid from credit already, or its payer has no address.
    Refused as `write_invoice`."""
    invoice = write_invoice(
        desk.organization,
        payer,
        lines,
        actor=actor,
        now=desk.clock.now(),
        currency=currency,
        due_on=due_on,
        as_draft=as_draft,
        recurrence=recurrence,
        key=key,
    )
    if invoice.state == "sent":
        _mail(desk, invoice.id, actor)
    return Invoice.objects.get(id=invoice.id)


def send(desk: Desk, invoice_id: UUID, *, actor: Actor, reason: str = "", key: str | None = None) -> Invoice:
    """Mails an invoice, a draft after it is issued. Sent again it is the same document (A-15). Refused as
    `issue_draft` and `send_invoice`."""
    invoice = Invoice.objects.filter(id=invoice_id, organization=desk.organization).first()
    now = desk.clock.now()
    if invoice is not None and invoice.state == "draft":
        invoice = issue_draft(
            desk.organization, invoice_id, actor=actor, now=now, reason=reason, key=key and f"{key} issue"
        )
        if invoice.state == "sent":
            _mail(desk, invoice_id, actor)
        return Invoice.objects.get(id=invoice_id)
    return send_invoice(desk.organization, invoice_id, actor=actor, now=now, reason=reason, key=key)


def take_back(
    desk: Desk, invoice_id: UUID, *, actor: Actor, reason: str = "", key: str | None = None
) -> Invoice:
    """Discards a draft, voids anything else. Refused as `void_invoice`."""
    draft = Invoice.objects.filter(id=invoice_id, organization=desk.organization, state="draft")
    if draft.exists():
        return discard_draft(desk.organization, invoice_id, actor=actor, now=desk.clock.now(), reason=reason)
    return void(desk, invoice_id, actor=actor, reason=reason, key=key)


def reckon(
    desk: Desk, party: Party | None, lines: Sequence[WrittenLine], *, currency: str, on: date
) -> Reckoned:
    """What lines would come to for somebody (None: who isn't known yet), billed on a local date; nothing is kept.
    Refused as `checked_lines` and `items_of`."""
    policies = policies_of(desk.organization)
    if party is not None:
        policies = policies.within(customer=party.id)
    paper = Paper(party or Party(tax_exempt=""), currency, checked_lines(lines), on, on)
    return reckoned(desk.organization.id, paper, books_of(policies))


def make_due(desk: Desk) -> int:
    """Makes the recurring invoices whose day has come and sends the drafts that are sent by themselves; returns how
    many invoices went out."""
    due = next_made_at(desk)
    if due is None or due > desk.clock.now():
        return 0
    sent, more = 0, True
    while more:
        with transaction.atomic():  # an invoice without its mail would wait for nobody
            made, more = make_recurring(desk.organization, now=desk.clock.now())
            for id_ in made:
                _mail(desk, id_, SCHEDULE)
        sent += len(made)
    tried: set[UUID] = set()  # one that is refused stays due, and holds up no other
    while waiting := drafts_to_send(desk.organization.id, on=desk.today, limit=A_BATCH + len(tried)):
        anew = [id_ for id_ in waiting if id_ not in tried]
        if not anew:
            break
        tried.update(anew)
        for id_ in anew:
            with suppress(Refused), transaction.atomic():  # somebody sent or discarded it in the meantime
                send(desk, id_, actor=SCHEDULE)
                sent += 1
    return sent


def next_made_at(desk: Desk) -> datetime | None:
    """When the next recurring invoice is made or a draft is sent by itself; an instant that has passed means now."""
    organization = desk.organization
    on = next_written(organization.id)
    return first_opening(policies_of(organization), organization.zone, on) if on is not None else None


def _mail(desk: Desk, invoice_id: UUID, actor: Actor) -> None:
    """Mails an invoice where there is something to pay and an address; without one staff hand it over."""
    invoice = Invoice.objects.select_related("party").get(id=invoice_id)
    if invoice.state == "sent" and invoice.party.email:
        send_invoice(
            desk.organization, invoice_id, actor=actor, now=desk.clock.now(), key=f"issued {invoice_id}"
        )
