"""The sandbox's idempotency keys and the form in which its replies are kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from paidthru.payments.gateway import (
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayRejected,
    IntentStatus,
)

KEY_TTL = timedelta(hours=24)


def take(account: UUID, key: str) -> None:
    """Hold the key until the transaction ends. Raises `GatewayKeyInUse` when another request holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"sandbox {account} {key}"]
        )
        row = cursor.fetchone()
    if not row or not row[0]:
        raise GatewayKeyInUse(
            "Another request with this key is being worked on.", code="idempotency_key_in_use"
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """What came with a key, as a digest, and the reply that was kept under it."""

    digest: bytes
    reply: str


def kept(account: UUID, key: str, *, now: datetime) -> Kept | None:
    """The reply that is kept under the key, if one still is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest, reply FROM sandbox_sandboxkey WHERE organization_id = %s AND key = %s AND created_at > %s",
            [account, key, now - KEY_TTL],
        )
        row = cursor.fetchone()
    return Kept(bytes(row[0]), row[1]) if row else None


def reply(
    account: UUID,
    key: str,
    call: Mapping[str, object],
    earlier: Kept | None,
    *,
    now: datetime,
    work: Callable[[], GatewayIntent | str],
) -> str:
    """The reply `kept` under the key, or else that of `work`, a refusal included, which is kept from now on.
    `work` gives an intent, or a reply that is written already.

    The key must be held (`take`). Raises `GatewayKeyReused` when it came with another call before.
    """
    digest = hashlib.sha256(json.dumps(call, sort_keys=True).encode()).digest()
    if earlier is not None:
        if earlier.digest != digest:
            raise GatewayKeyReused("This key came with other parameters before.", code="idempotency_error")
        return earlier.reply
    try:
        made = work()
        text = made if isinstance(made, str) else _written(made)
    except GatewayRejected as refusal:
        text = json.dumps({"error": {"code": refusal.code, "message": refusal.message}}, sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sandbox_sandboxkey (organization_id, key, digest, reply, created_at)
               VALUES (%(account)s, %(key)s, %(digest)s, %(reply)s, %(now)s)
               ON CONFLICT (organization_id, key) DO UPDATE SET digest = %(digest)s, reply = %(reply)s,
                   created_at = %(now)s""",
            {"account": account, "key": key, "digest": digest, "reply": text, "now": now},
        )
    return text


def read(text: str) -> GatewayIntent:
    """The intent of a kept reply. Raises `GatewayRejected` when the reply was a refusal."""
    kept = json.loads(text)
    if "error" in kept:
        raise GatewayRejected(kept["error"]["message"], code=kept["error"]["code"])
    intent = kept["intent"]
    return GatewayIntent(
        ref=intent["ref"],
        status=IntentStatus(intent["status"]),
        amount_minor=intent["amount_minor"],
        received_minor=intent["received_minor"],
        currency=intent["currency"],
        customer_ref=intent["customer_ref"],
        livemode=intent["livemode"],
        created_at=datetime.fromisoformat(intent["created_at"]),
        charge_ref=intent["charge_ref"],
        decline_code=intent["decline_code"],
        message=intent["message"],
        metadata=intent["metadata"],
        taken_at=datetime.fromisoformat(intent["taken_at"]) if intent["taken_at"] else None,
        action_url=intent["action_url"],
    )


def _written(intent: GatewayIntent) -> str:
    fields = {
        "ref": intent.ref,
        "status": intent.status.value,
        "amount_minor": intent.amount_minor,
        "received_minor": intent.received_minor,
        "currency": intent.currency,
        "customer_ref": intent.customer_ref,
        "livemode": intent.livemode,
        "created_at": intent.created_at.isoformat(),
        "charge_ref": intent.charge_ref,
        "decline_code": intent.decline_code,
        "message": intent.message,
        "metadata": dict(intent.metadata),
        "taken_at": intent.taken_at.isoformat() if intent.taken_at else None,
        "action_url": intent.action_url,
    }
    return json.dumps({"intent": fields}, sort_keys=True)
