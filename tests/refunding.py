"""What the tests of refunds share: members who have paid, and what they look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.request_refund import request_refund
from paidthru.payments.gateway import Gateway, GatewayRefund, RefundRequest
from paidthru.payments.models import Payment, Refund
from paidthru.timeline.models import Event


def paid(*names: str, price: int = 10_000, **about: object) -> Collection:
    """Members who have paid their dues by card."""
    found = billed(*names, price=price, **about)  # type: ignore[arg-type]
    found.collect()
    return found


def payment_of(found: Collection, name: str) -> Payment:
    """The member's latest payment, as it is now."""
    return found.payments(name)[-1]


def ask(
    found: Collection, name: str, amount_minor: int | None = None, *, key: str | None = None, **about: object
) -> Refund:
    """Staff ask for a refund of the member's latest payment; nothing is sent yet."""
    return request_refund(
        found.world.organization,
        payment_of(found, name).id,
        amount_minor=amount_minor,
        key=key,
        now=found.desk.clock.now(),
        **({"actor": STAFF} | about),  # type: ignore[arg-type]
    )


def give(found: Collection, name: str, amount_minor: int | None = None) -> Refund:
    """As `ask`, and it is sent."""
    refund = ask(found, name, amount_minor)
    runs.send_refunds(found.desk)
    return again(refund)


def again(refund: Refund) -> Refund:
    return Refund.objects.get(id=refund.id)


def given(found: Collection, name: str) -> list[GatewayRefund]:
    """What the processor's own books say of the member's latest payment."""
    attempt = payment_of(found, name).attempt
    assert attempt is not None
    return found.desk.gateway.refunds_of(attempt.intent.gateway_ref or "")


def told(found: Collection, name: str) -> list[str]:
    """What the member's history tells of refunds, oldest first."""
    events = Event.objects.filter(party_id=found.party(name), verb__startswith="refund").order_by("id")
    return list(events.values_list("verb", flat=True))


def due(refund: Refund) -> None:
    """The refund's next look is due, and whoever had it is gone."""
    long_ago = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    Refund.objects.filter(id=refund.id).update(next_look_at=long_ago)
    Refund.objects.filter(id=refund.id, lease_until__isnull=False).update(lease_until=long_ago)


class MeddlingWithRefunds:
    """A gateway whose calls about refunds are meddled with. Each meddler is handed the call as it would be made."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.create: Callable[[Callable[[], GatewayRefund]], GatewayRefund] = lambda call: call()
        self.look: Callable[[Callable[[], list[GatewayRefund]]], list[GatewayRefund]] = lambda call: call()
        self.keys: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._gateway, name)

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        self.keys.append(key)
        return self.create(lambda: self._gateway.create_refund(request, key=key))

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        return self.look(lambda: self._gateway.refunds_of(intent_ref))


def meddle(found: Collection) -> MeddlingWithRefunds:
    """Puts a gateway whose refunds can be meddled with between the collection and its processor."""
    gateway = MeddlingWithRefunds(found.desk.gateway)
    found.world.desk = replace(found.world.desk, gateway=gateway)  # type: ignore[arg-type]
    return gateway
