"""Charges: what staff charge a member now, and what they take back before it is paid."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from paidthru.actions.bill_charge import bill_charge
from paidthru.actions.charge import open_attempt
from paidthru.actions.void_invoice import void_invoice
from paidthru.actions.write_off import write_off
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.queries import attempts_at
from paidthru.runs.collection import refuse_while_collecting
from paidthru.runs.desk import Desk
from paidthru.runs.sending import abandon, collect
from paidthru.timeline.operations import Actor, again_on_conflict


def charge_now(
    desk: Desk,
    party_id: UUID,
    *,
    amount_minor: int,
    currency: str,
    purpose: str,
    actor: Actor,
    key: str | None = None,
) -> Invoice:
    """Bills an amount (minor units) and collects it at once with the payment method on file (P-25, X13).

    The invoice stays open where the payment does not succeed. With the same `key` the same invoice is collected, never
    a second. Refused as `bill_charge`.
    """
    invoice = bill_charge(
        desk.organization,
        party_id,
        amount_minor=amount_minor,
        currency=currency,
        purpose=purpose,
        actor=actor,
        now=desk.clock.now(),
        key=key,
    )
    if invoice.state == "sent":
        collect_now(desk, invoice.id, actor=actor)
    return Invoice.objects.get(id=invoice.id)


def collect_now(desk: Desk, invoice_id: UUID, *, actor: Actor) -> None:
    """Staff collect one invoice now, with the payment method on file: the same one open intent as every other way, so
    that a charge of the calendar's beside it can't make two (P-16). Refused as `open_attempt`, and
    `payment_in_progress`."""
    refuse_while_collecting(invoice_id)
    budget = policies_of(desk.organization).number("collect.max_attempts")
    attempt = again_on_conflict(
        partial(
            open_attempt,
            desk.organization,
            invoice_id,
            max_attempts=budget,
            initiator="staff",
            actor=actor,
            now=desk.clock.now(),
        )
    )
    collect(desk, attempt.id)


def void(desk: Desk, invoice_id: UUID, *, actor: Actor, reason: str = "", key: str | None = None) -> Invoice:
    """Voids an invoice, and gives up what is collecting it: canceled at the gateway where that is still possible; what
    comes all the same stands as credit (I-52). Refused as `void_invoice`."""
    invoice = void_invoice(
        desk.organization, invoice_id, actor=actor, now=desk.clock.now(), reason=reason, key=key
    )
    _abandon_all(desk, invoice, "was voided", actor=actor)
    return invoice


def give_up(
    desk: Desk,
    invoice_id: UUID,
    *,
    actor: Actor,
    amount_minor: int | None = None,
    reason: str = "",
    key: str | None = None,
) -> Invoice:
    """Writes an invoice off, or a part of it (minor units), and gives up what is collecting it; what comes all the same
    is owed again as it comes. Refused as `write_off`."""
    invoice = write_off(
        desk.organization,
        invoice_id,
        amount_minor=amount_minor,
        reason=reason,
        actor=actor,
        now=desk.clock.now(),
        key=key,
    )
    _abandon_all(desk, invoice, "was written off", actor=actor)
    return invoice


def _abandon_all(desk: Desk, invoice: Invoice, what: str, *, actor: Actor) -> None:
    for attempt in attempts_at(invoice.id):
        if attempt.state in OPEN_ATTEMPT and attempt.state != "needs_review":
            with suppress(Refused):  # it ended meanwhile, or sending is paused: its next look fences it
                abandon(desk, attempt.id, actor=actor, why=f"Invoice {invoice.label} {what}.")
