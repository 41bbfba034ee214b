"""What staff or a member change of a running membership, and what is collected for it at once, behind one click."""

from contextlib import suppress
from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction

from paidthru.actions.charge import open_attempt
from paidthru.actions.resolve_failed_cycle import Resolution, Resolved, resolve_failed_cycle
from paidthru.actions.switch_plan import Switched, switch_plan
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt
from paidthru.payments.queries import active_method, attempts_at
from paidthru.payments.queries.gates import refuse_unsafe
from paidthru.runs.charges import collect_now
from paidthru.runs.collection import pay_online, refuse_while_collecting
from paidthru.runs.desk import Desk
from paidthru.runs.sending import collect
from paidthru.runs.throttling import refuse_paused
from paidthru.timeline.operations import Actor, again_on_conflict


def switch(
    desk: Desk, party_id: UUID, plan_id: UUID, *, actor: Actor, why: str = "", key: str | None = None
) -> Switched:
    """Switches a party to a plan, and collects the new term at once where it is billed now and there is a method on
    file (P-28). The invoice stays open where the payment does not succeed: the switch stands. With the same `key` it is
    done once. Refused as `switch_plan`."""
    switched = switch_plan(
        desk.organization, party_id, plan_id, actor=actor, now=desk.clock.now(), why=why, key=key
    )
    if switched.invoice_id is None:
        return switched
    invoice = Invoice.objects.get(id=switched.invoice_id)
    if (
        invoice.state == "sent"
        and active_method(invoice.party_id) is not None
        and not attempts_at(invoice.id)
    ):
        with suppress(Refused):  # it is owed, and is collected as everything that is due
            if actor.kind == "member":
                pay_online(desk, invoice.id, actor=actor)
            else:
                collect_now(desk, invoice.id, actor=actor)
    return switched


def resolve(desk: Desk, party_id: UUID, how: Resolution, *, actor: Actor, key: str | None = None) -> Resolved:
    """Resolves a failed cycle as `resolve_failed_cycle`. To charge it now, the attempt is opened in the transaction in
    which the renewal date moves, through the one open intent that an automatic try would take: whichever comes first,
    there is one success (P-10, P-16). Refused besides as `open_attempt`; then nothing of it is done."""
    if how.way != "charge_now":
        return resolve_failed_cycle(
            desk.organization, party_id, how, actor=actor, now=desk.clock.now(), key=key
        )
    refuse_unsafe(live=not desk.organization.is_sandbox, livemode=False, now=desk.clock.now())
    refuse_paused(desk)
    resolved, attempt = again_on_conflict(partial(_charge, desk, party_id, how, actor, key))
    if attempt is not None:
        collect(desk, attempt.id)
    return resolved


def _charge(
    desk: Desk, party_id: UUID, how: Resolution, actor: Actor, key: str | None
) -> tuple[Resolved, Attempt | None]:
    now = desk.clock.now()
    with transaction.atomic():
        resolved = resolve_failed_cycle(desk.organization, party_id, how, actor=actor, now=now, key=key)
        assert resolved.invoice_id is not None  # charge_now names one
        invoice = Invoice.objects.get(id=resolved.invoice_id)
        if invoice.state != "sent":  # the second of two clicks
            return resolved, None
        refuse_while_collecting(invoice.id)
        attempt = open_attempt(
            desk.organization,
            invoice.id,
            max_attempts=policies_of(desk.organization).number("collect.max_attempts"),
            initiator="staff",
            actor=actor,
            now=now,
        )
    return resolved, attempt


def resolution(way: str, *, reason: str = "", why: str = "", renewal_on: date | None = None) -> Resolution:
    """How a failed cycle is resolved, from what a person chose. The action refuses a way that there isn't."""
    return Resolution(way, reason, why, renewal_on)  # type: ignore[arg-type]
