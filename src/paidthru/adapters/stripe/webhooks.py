"""Events as Stripe sends them: the signature checked on the raw bytes, and which object they are about; no more."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from paidthru.adapters.stripe.calls import moment
from paidthru.adapters.stripe.reading import id_of
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayEvent

#: How far a signature's instant may be from ours, either way.
TOLERANCE = timedelta(minutes=5)

#: The events that lead to something, and the kind of object that each is about; others are not kept. An endpoint at
#: Stripe should send these, in the pinned version.
EVENTS = MappingProxyType(
    {
        "payment_intent.succeeded": "intent",
        "payment_intent.processing": "intent",
        "payment_intent.payment_failed": "intent",
        "payment_intent.requires_action": "intent",
        "payment_intent.canceled": "intent",
        "refund.created": "refund",
        "refund.updated": "refund",
        "refund.failed": "refund",
        "charge.dispute.created": "dispute",
        "charge.dispute.updated": "dispute",
        "charge.dispute.closed": "dispute",
        "charge.dispute.funds_withdrawn": "dispute",
        "charge.dispute.funds_reinstated": "dispute",
        "payment_method.automatically_updated": "method",
        "checkout.session.completed": "setup",
        "checkout.session.expired": "setup",
    }
)


def verify(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Refuses an event that isn't Stripe's, by the account's signing secrets, or is not of now.

    Refused `webhook_forged`, and `webhook_stale` for one that is signed well and too old (or from the future): what
    was overheard is worth nothing to whoever sends it again (B-52).
    """
    instant, signatures = _parts(header)
    signed = str(instant).encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    # every pair is compared, in constant time each
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures]
    if not any(matches):
        raise _forged()
    if abs(now.timestamp() - instant) > TOLERANCE.total_seconds():
        raise Refused("webhook_stale", "The event's signature is too old.")


def _parts(header: str) -> tuple[int, list[str]]:
    """The instant and the v1 signatures of a Stripe-Signature header: `t=…,v1=…,v1=…`."""
    pairs = [pair.strip().partition("=") for pair in header[:2000].split(",")]
    instants = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(instants) != 1 or not (instants[0].isascii() and instants[0].isdigit() and len(instants[0]) < 12):
        raise _forged()
    return int(instants[0]), signatures[:10]


def _forged() -> Refused:
    return Refused("webhook_forged", "The event's signature is not the processor's.")


def read_event(body: bytes, *, livemode: bool, account_ref: str) -> GatewayEvent:
    """An event whose signature was verified. Kinds that nothing follows from have the object kind `other`.

    Refused `webhook_unreadable`, `webhook_other_account` for one of the other mode or of an account that isn't this.
    """
    try:
        facts: Any = json.loads(body)
        about = facts["data"]["object"]
        if not isinstance(facts["livemode"], bool) or not isinstance(about, dict):
            raise TypeError("no event")
        kind = str(facts["type"])
        object_kind = EVENTS.get(kind, "other")
        event = GatewayEvent(
            id=_short(facts["id"]),
            kind=kind,
            object_kind=object_kind,
            object_ref=_short(about["id"]) if object_kind != "other" else "",
            livemode=facts["livemode"],
            at=moment(facts["created"]),
            intent_ref=id_of(about.get("payment_intent"))[:120] if object_kind != "other" else "",
        )
        account = facts.get("account")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise Refused("webhook_unreadable", "The event can't be read.") from None
    if event.livemode != livemode or account not in (None, account_ref):
        raise Refused("webhook_other_account", "The event is of another account, or of the other mode.")
    return event


def _short(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 120 or "\0" in value:
        raise ValueError("no id")
    return value
