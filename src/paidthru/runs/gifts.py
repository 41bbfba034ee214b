"""Gifts that come again and again, as donors and staff change them: each by its own link, or from the console (A-20).

A gift's own card is given on the processor's page and kept for it alone; when the gift is stopped, or has another one,
it is forgotten there too.
"""

from uuid import UUID

from paidthru.actions.change_gift import change_gift
from paidthru.actions.keep_gift_method import keep_gift_method
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.start_setup import start_setup
from paidthru.giving.models import Donation, Gift
from paidthru.invoicing.models import PayLink
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewaySetup
from paidthru.payments.models import OPEN_ATTEMPT, PaymentMethod
from paidthru.payments.queries import attempts_at
from paidthru.runs.charges import void
from paidthru.runs.desk import Desk
from paidthru.runs.methods import KINDS
from paidthru.runs.paying import forget, given
from paidthru.timeline.operations import Actor


def stop_gift(desk: Desk, gift_id: UUID, *, actor: Actor, why: str = "") -> Gift:
    """Stops a gift for good. What of it waited for another try is void, and its own card is forgotten. Refused as
    `change_gift`."""
    gift = change_gift(desk.organization, gift_id, "stopped", actor=actor, now=desk.clock.now(), why=why)
    _let_go(desk, gift, actor)
    if gift.method is not None:
        forget(desk, gift.method, actor)
    return gift


def pause_gift(desk: Desk, gift_id: UUID, *, actor: Actor, why: str = "") -> Gift:
    """Pauses a gift until it is taken up again; what of it waited for another try is void. Refused as `change_gift`."""
    gift = change_gift(desk.organization, gift_id, "paused", actor=actor, now=desk.clock.now(), why=why)
    _let_go(desk, gift, actor)
    return gift


def begin_card(desk: Desk, gift: Gift, *, return_url: str) -> GatewaySetup:
    """Opens the processor's page on which a donor gives another card or account for a gift; `return_url` may hold
    `{setup}`. Refused as `start_setup`, and `gift_stopped`."""
    if gift.state == "stopped":
        raise Refused("gift_stopped", "This gift was stopped.", field="gift", fix="Begin a new one.")
    begun = start_setup(
        desk.organization,
        gift.party_id,
        desk.gateway,
        kinds=KINDS,
        return_url=return_url,
        now=desk.clock.now(),
        pay_link=_link(desk, gift),
    )
    return begun.setup


def card_given(desk: Desk, gift: Gift, setup_id: UUID) -> PaymentMethod | None:
    """What a donor gave for a gift on the processor's page; None while nothing is."""
    return given(desk, _link(desk, gift), setup_id)


def use_card(desk: Desk, gift: Gift, method: PaymentMethod, *, actor: Actor) -> Gift:
    """Charges a gift to what was given for it from now on, and takes it up again where it was paused. Refused as
    `keep_gift_method`."""
    now = desk.clock.now()
    before = keep_gift_method(desk.organization, gift.id, method.id, actor=actor, now=now)
    if before is not None:
        forget(desk, before, actor)
    return change_gift(desk.organization, gift.id, "active", actor=actor, now=now)


def _link(desk: Desk, gift: Gift) -> PayLink:
    """The pay link of a gift's first donation, to which what a visitor gives belongs."""
    first = Donation.objects.filter(gift=gift).order_by("n").values_list("invoice_id", flat=True)[0]
    actor = Actor("member", gift.party.name)
    return make_pay_link(desk.organization, first, actor=actor, now=desk.clock.now())


def _let_go(desk: Desk, gift: Gift, actor: Actor) -> None:
    """Voids what of a gift was declined and waited for another try; what is under way is left to end."""
    waiting = Donation.objects.filter(gift=gift, retry_on__isnull=False, invoice__state="sent")
    for donation in waiting.order_by("id"):
        if not any(one.state in OPEN_ATTEMPT for one in attempts_at(donation.invoice_id)):
            void(desk, donation.invoice_id, actor=actor, reason="Its gift was ended.")
            Donation.objects.filter(id=donation.id).update(retry_on=None)
