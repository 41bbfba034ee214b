"""Ways to pay: saved by the member on the processor's page, removed by the member, never typed by staff (C-15)."""

import logging
from uuid import UUID

from paidthru.actions.finish_setup import finish_setup
from paidthru.actions.remove_method import remove_method
from paidthru.actions.start_setup import start_setup
from paidthru.payments.gateway import GatewayError, GatewaySetup, MethodKind
from paidthru.payments.models import MemberLink, MethodSetup, PaymentMethod
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import Actor

log = logging.getLogger(__name__)
KINDS: tuple[MethodKind, ...] = ("card", "bank")


def begin_saving(
    desk: Desk, party_id: UUID, *, return_url: str, link: MemberLink | None = None
) -> GatewaySetup:
    """Opens the processor's page on which a member saves a way to pay. Refused as `start_setup`."""
    begun = start_setup(
        desk.organization,
        party_id,
        desk.gateway,
        kinds=KINDS,
        return_url=return_url,
        now=desk.clock.now(),
        link=link,
    )
    return begun.setup


def finish_saving(
    desk: Desk, setup_id: UUID, *, actor: Actor, party_id: UUID | None = None
) -> PaymentMethod | None:
    """Asks the processor what became of a saving (of a party's, if named) and stores it; None while nothing is saved,
    or nobody answers, or there is no such saving."""
    found = MethodSetup.objects.filter(id=setup_id, organization=desk.organization, gateway_ref__isnull=False)
    begun = (found.filter(party_id=party_id) if party_id else found).first()
    if begun is None or begun.gateway_ref is None:
        return None
    try:
        answer = desk.gateway.fetch_setup(begun.gateway_ref)
    except GatewayError as error:
        log.info("a saving could not be fetched: %s", type(error).__name__)
        return None
    return finish_setup(desk.organization, begun.id, answer, actor=actor, now=desk.clock.now())


def setup_of(desk: Desk, gateway_ref: str) -> UUID | None:
    """Our row of a saving that the gateway speaks of."""
    found = MethodSetup.objects.filter(organization=desk.organization, gateway_ref=gateway_ref)
    return found.values_list("id", flat=True).first()


def forget_method(desk: Desk, party_id: UUID, *, actor: Actor) -> PaymentMethod:
    """Removes a member's way to pay here, and then at the processor. Should that not answer, the token is orphaned
    there and never used again. Refused `no_payment_method`."""
    method = remove_method(desk.organization, party_id, actor=actor, now=desk.clock.now())
    try:
        desk.gateway.detach_method(method.token)
    except GatewayError as error:
        log.info("a removed method could not be detached: %s", type(error).__name__)
    return method
