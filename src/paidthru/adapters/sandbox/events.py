"""What the sandbox tells of itself: its trail as a trace to read, and the events that it sends."""

from uuid import UUID

from paidthru.adapters.sandbox.models import SandboxEvent, SandboxIntent, SandboxPayout
from paidthru.payments.gateway import GatewayEvent, TraceLine

_WORDS = {
    "created": "Payment created, not confirmed yet",
    "confirmed": "Confirmed",
    "request_lost": "A request was lost on the way",
    "reply_lost": "A reply was lost on the way",
    "requires_action": "The payer has to confirm",
    "processing": "The bank is working on it",
    "succeeded": "Money taken",
    "declined": "Declined",
    "canceled": "Canceled",
    "answered": "Answered at the desk",
    "disputed": "Disputed by the cardholder",
    "returned": "Returned by the bank",
    "dispute_won": "Dispute decided: won",
    "dispute_lost": "Dispute decided: lost",
    "refunded": "Refunded",
    "refund_pending": "Refund on its way to the bank",
    "refund_succeeded": "Refund arrived",
    "refund_failed": "Refund came back",
}

#: Steps on the way, of which nobody is told.
_UNTOLD = ("created", "confirmed", "request_lost", "reply_lost", "answered")


def trace_of(intent: SandboxIntent) -> list[TraceLine]:
    """Everything that happened to an intent, oldest first."""
    rows = SandboxEvent.objects.filter(intent=intent).order_by("id")
    return [
        TraceLine(
            row.at,
            _WORDS.get(row.kind, row.kind.replace("_", " ").capitalize()),
            ", ".join(f"{name} {value}" for name, value in row.detail.items()),
        )
        for row in rows
    ]


def latest(account: UUID) -> GatewayEvent | None:
    """The last event that the account was sent."""
    rows = SandboxEvent.objects.filter(organization_id=account).exclude(kind__in=_UNTOLD)
    row = rows.order_by("-id").first()
    return event(row) if row else None


def event(row: SandboxEvent) -> GatewayEvent:
    """A line of the trail as it is sent: a line about a dispute or a refund names it in its detail."""
    about = next((kind for kind in ("dispute", "refund") if kind in row.detail), "intent")
    return GatewayEvent(
        id=f"evt_{row.id}",
        kind=f"{about}.{row.kind}",
        object_kind=about,
        object_ref=row.detail.get(about, row.intent_id),
        livemode=False,
        at=row.at,
        intent_ref=row.intent_id,
    )


def event_numbered(id_: int) -> GatewayEvent:
    """The event of a line of the trail."""
    return event(SandboxEvent.objects.get(id=id_))


def payout_event(payout: SandboxPayout) -> GatewayEvent:
    """The event of a payout, which belongs to no intent."""
    return GatewayEvent(
        id=f"evt_{payout.ref}",
        kind="payout.paid",
        object_kind="payout",
        object_ref=payout.ref,
        livemode=False,
        at=payout.paid_at,
    )
