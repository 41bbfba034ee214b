"""What the sandbox writes into its books: each function is one change to a locked intent, with its trail."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection, transaction

from paidthru.adapters.sandbox.behaviour import Behaviour, Fate, Fortune, Verdict, clearing_instant, decide
from paidthru.adapters.sandbox.models import (
    SandboxFortune,
    SandboxIntent,
    SandboxMethod,
)
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import GatewayIntent, GatewayUnknown, IntentStatus
from paidthru.payments.rules.decline_codes import words

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def new_ref(prefix: str) -> str:
    """A reference of the processor's: letters only, in the order of their making, so that none can ever look
    like a card number (A-02)."""
    return f"{prefix}_{new_id().hex.translate(_LETTERS)}"


def own_transaction() -> transaction.Atomic:
    """The processor's own short transaction. Raises RuntimeError inside one of the product's: a gateway is
    called with no transaction open, or a rollback here would take back what happened out there."""
    return transaction.atomic(durable=True)


def behaviour_of(account: UUID, customer_ref: str) -> tuple[Behaviour, str]:
    """How the processor behaves toward the customer now, and the code that goes with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT behaviour, code FROM sandbox_sandboxscript WHERE organization_id = %s AND customer_ref = %s",
            [account, customer_ref],
        )
        row = cursor.fetchone()
    return (Behaviour(row[0]), row[1]) if row else (Behaviour.ACCEPT, "")


def _fortune_of(account: UUID, customer_ref: str) -> Fortune | None:
    """What may befall a customer of an account that is a copy; None for every other account."""
    row = SandboxFortune.objects.filter(organization_id=account).first()
    if row is None:
        return None
    customer = customer_ref
    with suppress(ValueError):
        customer = str(UUID(int=UUID(customer_ref).int ^ row.mask))
    return Fortune(customer, row.declined, row.lost, row.since)


def silence() -> GatewayUnknown:
    """The answer that is none."""
    return GatewayUnknown("The processor did not answer in time.")


def note(intent: SandboxIntent, kind: str, at: datetime, **detail: str) -> int:
    """Add a line to the intent's trail; returns its number, which is that of the event that tells it. A line about a
    refund or a dispute names it: `refund=` or `dispute=`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sandbox_sandboxevent (organization_id, intent_id, at, kind, detail)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [intent.organization_id, intent.ref, at, kind, json.dumps(detail)],
        )
        row = cursor.fetchone()
    return int(row[0])


def confirm(
    intent: SandboxIntent,
    method: SandboxMethod,
    metadata: Mapping[str, str],
    *,
    by: tuple[Behaviour, str],
    now: datetime,
) -> None:
    """Let a confirmation take effect on a locked intent that may be confirmed."""
    behaviour, script_code = by
    dated = method.exp_year is not None and method.exp_month is not None
    verdict = decide(
        behaviour,
        script_code,
        kind=method.kind,
        test_code=method.test_code,
        expires=(method.exp_year or 0, method.exp_month or 0) if dated else None,
        on=now.date(),
        fortune=_fortune_of(intent.organization_id, intent.customer_ref),
    )
    intent.method_token = method.token
    intent.metadata = {**intent.metadata, **metadata}
    intent.held = None
    note(intent, "confirmed", now, method=method.token, **metadata)
    _befall(intent, verdict, now)


def _befall(intent: SandboxIntent, verdict: Verdict, now: datetime) -> None:
    match verdict.fate:
        case Fate.SUCCEED:
            succeed(intent, now)
        case Fate.DECLINE:
            decline(intent, verdict.code, now)
        case Fate.AUTHENTICATE:
            intent.status = IntentStatus.REQUIRES_ACTION.value
            intent.decline_code, intent.message = "", words("authentication_required")
            intent.save()
            note(intent, "requires_action", now)
        case Fate.PROCESS:
            intent.status = IntentStatus.PROCESSING.value
            intent.decline_code = intent.message = ""
            intent.clears_at = clearing_instant(now) if verdict.clears else None
            intent.fails_with = verdict.code
            intent.save()
            note(intent, "processing", now)


def succeed(intent: SandboxIntent, taken_at: datetime) -> None:
    """Take the money of a locked intent, at that instant. The charge's uniqueness is the processor's last
    word."""
    charge_ref = new_ref("ch")
    intent.status = IntentStatus.SUCCEEDED.value
    intent.received_minor, intent.charge_ref, intent.taken_at = intent.amount_minor, charge_ref, taken_at
    intent.decline_code = intent.message = intent.fails_with = ""
    intent.clears_at = intent.held = None
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH charge AS (
                   INSERT INTO sandbox_sandboxcharge
                       (ref, organization_id, intent_id, customer_ref, amount_minor, currency, taken_at)
                   SELECT %(charge)s, organization_id, ref, customer_ref, amount_minor, currency, %(at)s
                   FROM sandbox_sandboxintent WHERE ref = %(ref)s)
               UPDATE sandbox_sandboxintent SET status = %(status)s, received_minor = amount_minor,
                   charge_ref = %(charge)s, taken_at = %(at)s, decline_code = '', message = '', fails_with = '',
                   clears_at = NULL, held = NULL, method_token = %(method)s, metadata = %(metadata)s
               WHERE ref = %(ref)s""",
            {
                "charge": charge_ref,
                "at": taken_at,
                "ref": intent.ref,
                "status": intent.status,
                "method": intent.method_token,
                "metadata": json.dumps(intent.metadata),
            },
        )
    note(intent, "succeeded", taken_at, charge=charge_ref)


def decline(intent: SandboxIntent, code: str, at: datetime) -> None:
    """Refuse a locked intent; it may be confirmed again with another key."""
    intent.status = IntentStatus.REQUIRES_PAYMENT_METHOD.value
    intent.decline_code, intent.message, intent.fails_with = code, words(code), ""
    intent.clears_at = intent.held = None
    intent.save()
    note(intent, "declined", at, code=code)


def cancel(intent: SandboxIntent, at: datetime) -> None:
    """Fence a locked intent for good."""
    intent.status = IntentStatus.CANCELED.value
    intent.held = None
    intent.save()
    note(intent, "canceled", at)


def ripen(account: UUID, now: datetime, ref: str | None = None) -> None:
    """End the bank debits whose time has come, each dated when it came; of one intent, or of all."""
    due = SandboxIntent.objects.select_for_update().filter(
        organization_id=account, clears_at__lte=now, status=IntentStatus.PROCESSING.value
    )
    for intent in due.filter(ref=ref) if ref else due.order_by("clears_at"):
        ended_at = intent.clears_at or now
        if intent.fails_with:
            decline(intent, intent.fails_with, ended_at)
        else:
            succeed(intent, ended_at)


def shown(intent: SandboxIntent) -> GatewayIntent:
    """The intent as the port shows it."""
    return GatewayIntent(
        ref=intent.ref,
        status=IntentStatus(intent.status),
        amount_minor=intent.amount_minor,
        received_minor=intent.received_minor,
        currency=intent.currency,
        customer_ref=intent.customer_ref,
        livemode=False,
        created_at=intent.created_at,
        charge_ref=intent.charge_ref or None,
        decline_code=intent.decline_code or None,
        message=intent.message or None,
        metadata=intent.metadata,
        taken_at=intent.taken_at,
        action_url=_action_url(intent),
    )


def _action_url(intent: SandboxIntent) -> str | None:
    """The page on which a payer who is there confirms the payment."""
    if intent.status != IntentStatus.REQUIRES_ACTION or not intent.return_url:
        return None
    return page_of(intent.return_url, "confirm", intent.ref)


def page_of(return_url: str, what: str, ref: str) -> str:
    """The address of one of the sandbox's own pages, on the host that the member came from."""
    home = urlsplit(return_url)
    return f"{home.scheme}://{home.netloc}/sandbox/{what}/{ref}/"
