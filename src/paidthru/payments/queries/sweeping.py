"""What a sweep of a gateway compares with: our side of its objects (field-notes C.3 step 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from paidthru.payments.gateway import GatewayIntent, IntentStatus
from paidthru.payments.models import Attempt, GatewayAccount, Payment, PaymentIntent, Stray

_UNDER_WAY = {IntentStatus.PROCESSING: "processing", IntentStatus.REQUIRES_ACTION: "requires_action"}
_ENDED = ("declined", "closed")


@dataclass(frozen=True, slots=True)
class OurSide:
    """An intent as our rows have it: its state, those of its attempts, and the money that came of it (minor units)."""

    state: str
    attempts: tuple[str, ...]
    paid_minor: int

    def agrees(self, found: GatewayIntent) -> bool:
        """Whether the gateway says the same, so that there is nothing to settle."""
        if found.status is IntentStatus.SUCCEEDED:
            return self.state == "succeeded" and self.paid_minor == found.received_minor
        if found.status is IntentStatus.CANCELED:
            return self.state == "closed"
        if found.status in _UNDER_WAY:
            return self.state == "open" and _UNDER_WAY[found.status] in self.attempts
        return self.state in _ENDED


def our_side(organization_id: UUID, gateway: str, refs: Sequence[str]) -> dict[str, OurSide]:
    """Our intents among a gateway's, by its reference."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.gateway_ref, t.state, array_agg(a.state), coalesce(sum(p.amount_minor), 0)
               FROM payments_paymentintent t JOIN payments_attempt a ON a.intent_id = t.id
               LEFT JOIN payments_payment p ON p.attempt_id = a.id
               WHERE t.organization_id = %s AND t.gateway = %s AND t.gateway_ref = ANY(%s) GROUP BY t.id""",
            [organization_id, gateway, list(refs)],
        )
        return {
            ref: OurSide(state, tuple(attempts), int(paid))
            for ref, state, attempts, paid in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class Unseen:
    """A payment of ours of which the gateway's balance tells nothing."""

    number: int
    gateway_ref: str
    intent_ref: str
    amount_minor: int
    currency: str


def unseen_payments(
    organization_id: UUID, gateway: str, *, since: datetime, until: datetime, limit: int = 1000
) -> list[Unseen]:
    """The payments that the gateway took in [since, until) by our books, and that no line of its balance is about."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.number, p.gateway_ref, coalesce(t.gateway_ref, ''), p.amount_minor, p.currency
               FROM payments_payment p
               LEFT JOIN payments_attempt a ON a.id = p.attempt_id
               LEFT JOIN payments_paymentintent t ON t.id = a.intent_id
               WHERE p.organization_id = %s AND p.gateway = %s AND p.taken_at >= %s AND p.taken_at < %s
                 AND NOT EXISTS (SELECT 1 FROM payments_balanceline l
                                 WHERE l.gateway = p.gateway AND l.source_ref = p.gateway_ref)
               ORDER BY p.number LIMIT %s""",
            [organization_id, gateway, since, until, limit],
        )
        return [Unseen(*row) for row in cursor.fetchall()]


def unplaced_charges(gateway: str, refs: Sequence[str]) -> list[str]:
    """Those of a gateway's charges that are neither a payment of anybody's here nor a stray, in their order."""
    placed = set(
        Payment.objects.filter(gateway=gateway, gateway_ref__in=refs).values_list("gateway_ref", flat=True)
    )
    placed |= set(
        Stray.objects.filter(gateway=gateway, gateway_ref__in=refs).values_list("gateway_ref", flat=True)
    )
    return [ref for ref in refs if ref not in placed]


def declined_since(organization_id: UUID, gateway: str, since: datetime) -> list[PaymentIntent]:
    """The declined intents with an attempt since an instant: the gateway's may have been confirmed anew."""
    found = PaymentIntent.objects.filter(
        organization_id=organization_id, gateway=gateway, state="declined", gateway_ref__isnull=False
    )
    return list(found.filter(attempts__created_at__gte=since).distinct().order_by("id"))


def believed_open(organization_id: UUID, gateway: str) -> list[Attempt]:
    """The attempts without an end whose intent the gateway knows, as far as we know; with their intents."""
    open_states = ["created", "submitted", "unknown", "requires_action", "processing", "needs_review"]
    found = Attempt.objects.filter(
        organization_id=organization_id,
        state__in=open_states,
        intent__gateway=gateway,
        intent__gateway_ref__isnull=False,
    )
    return list(found.select_related("intent").order_by("id"))


def open_elsewhere(organization_id: UUID, gateway: str) -> int:
    """How many attempts without an end are at another gateway than the one that is connected now."""
    open_states = ["submitted", "unknown", "requires_action", "processing"]
    found = Attempt.objects.filter(organization_id=organization_id, state__in=open_states)
    return found.exclude(intent__gateway=gateway).count()


def account_of(organization_id: UUID, gateway: str) -> GatewayAccount | None:
    """The account that is connected at a gateway; none for a sandbox's own processor."""
    found = GatewayAccount.objects.filter(organization_id=organization_id, gateway=gateway, state="connected")
    return found.first()
