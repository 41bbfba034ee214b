"""Keep a stray: a charge, refund or dispute of money that nobody could place goes into suspense; or out again."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.models import Stray
from paidthru.payments.operations.strays import note_stray, take_out
from paidthru.timeline.operations import Actor, Happening, record


def keep_stray(
    organization: Organization,
    *,
    kind: str,
    gateway: str,
    gateway_ref: str,
    currency: str,
    amount_minor: int,
    occurred_at: datetime,
    why: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Writes money (positive minor units) that came to a gateway or left it without our knowing of what; whether it was
    new. `kind` is charge, refund or dispute."""
    with transaction.atomic():
        stray = note_stray(
            organization,
            kind=kind,
            gateway=gateway,
            gateway_ref=gateway_ref,
            currency=currency,
            amount_minor=amount_minor,
            occurred_at=occurred_at,
            why=why,
            now=now,
        )
        if stray is not None:
            facts = {"amount": plain(amount_minor, currency), "currency": currency, "kind": kind}
            happening = Happening("stray_found", "stray", stray.id, None, why, facts)
            record(organization.id, actor, now, [happening])
    return stray is not None


def withdraw_stray(
    organization: Organization, *, gateway: str, gateway_ref: str, why: str, actor: Actor, now: datetime
) -> bool:
    """Takes a stray that still waits out of suspense: it didn't last, or its place was found; whether there was one."""
    with transaction.atomic():
        stray = (
            Stray.objects.select_for_update()
            .filter(organization=organization, gateway=gateway, gateway_ref=gateway_ref, state="open")
            .first()
        )
        if stray is None:
            return False
        take_out(organization, stray, by=actor.name, now=now)
        facts = {"amount": plain(stray.amount_minor, stray.currency), "currency": stray.currency}
        record(organization.id, actor, now, [Happening("stray_placed", "stray", stray.id, None, why, facts)])
    return True
