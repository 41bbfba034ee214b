"""Paying by a pay link: whoever has it gives a way to pay for that one invoice, reads what it costs, and pays (A-16).

Nothing that the member has on file is shown or charged here, and what the visitor gives doesn't come on file.
Everything else is the protocol of every other payment: one open intent an invoice, whoever pays or collects.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from paidthru.actions.begin_gift import begin_gift
from paidthru.actions.charge import Asked
from paidthru.actions.drop_visitor_method import drop_visitor_method
from paidthru.actions.finish_setup import finish_setup
from paidthru.actions.note_card_testing import note_card_testing
from paidthru.actions.settle import Settled
from paidthru.actions.start_setup import start_setup
from paidthru.giving.queries import kept_for_nothing
from paidthru.invoicing.models import Invoice, PayLink
from paidthru.invoicing.operations import current_documents
from paidthru.invoicing.queries import open_on_all, owed_on
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayError, GatewaySetup
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries.visitors import (
    attempt_with,
    failed_by_visitors,
    failed_visits,
    setup_by,
    unused_methods,
)
from paidthru.runs.collection import pay_online, refuse_while_collecting
from paidthru.runs.desk import Desk
from paidthru.runs.methods import KINDS
from paidthru.runs.sending import see
from paidthru.runs.tickets import follow_payment
from paidthru.timeline.operations import SCHEDULE, Actor

log = logging.getLogger(__name__)
VISITOR = Actor("visitor", "Somebody with the pay link")
UNUSED = timedelta(days=7)  # so long a visitor may come back to what they entered
_AT_A_TIME = 100
#: So many cards that failed within that time on an invoice, of a payer, or one card so often, and no more are taken:
#: nobody is to find out here which stolen cards still work (field-notes E.2, "carding").
MOST_FAILED, WITHIN = 4, timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for what an invoice asked for: the live document, or the closed one whose successor is still to come
    (X26). `owed_minor` is open of it without what is voluntary, `open_minor` with it; both 0 where nothing is."""

    document: Invoice
    owed_minor: int
    open_minor: int

    def choices(self) -> tuple[int, ...]:
        """The amounts that can be paid: all that is open, and only what is owed where that is less."""
        return tuple(
            sorted({amount for amount in (self.owed_minor, self.open_minor) if amount}, reverse=True)
        )


def standing_of(invoice: Invoice) -> Standing:
    """What stands for an invoice now; it itself where nothing of it is open."""
    current = current_documents([invoice.id]).get(invoice.id)
    document = Invoice.objects.select_related("party").get(id=current or invoice.id)
    if current is None:
        return Standing(document, 0, 0)
    return Standing(document, owed_on([current]).get(current, 0), open_on_all([current]).get(current, 0))


def refuse_unpayable(desk: Desk, invoice: Invoice) -> None:
    """Refuses what can't be paid by its link now: `invoice_paid`, `invoice_closed` (nothing of it is open),
    `payment_in_progress`, `too_many_tries`."""
    standing = standing_of(invoice)
    if not standing.open_minor:
        paid = standing.document.state == "paid"
        raise Refused(
            "invoice_paid" if paid else "invoice_closed",
            f"Invoice {invoice.label} is {standing.document.state}.",
            field="invoice",
            value=invoice.named,
            fix="Nothing is left to pay.",
        )
    refuse_while_collecting(invoice.id)
    since = desk.clock.now() - WITHIN
    tried = failed_by_visitors(desk.organization.id, since=since, party_id=invoice.party_id)
    if max(tried, failed_visits(invoice.id, since=since)) >= MOST_FAILED:
        raise _too_many(desk, invoice, "Too many payments failed here in a short time.")


def _too_many(desk: Desk, invoice: Invoice, message: str) -> Refused:
    """The refusal of whoever tries card after card; staff see it with the invoice, and nothing of the card is kept."""
    note_card_testing(desk.organization, invoice.id, within=WITHIN, now=desk.clock.now())
    return Refused(
        "too_many_tries",
        message,
        field="invoice",
        value=invoice.named,
        fix="Nothing was charged. Try again in half an hour.",
    )


def begin_visit(desk: Desk, link: PayLink, *, return_url: str) -> GatewaySetup:
    """Opens the processor's page on which a visitor gives a way to pay; `return_url` may hold `{setup}`. Refused as
    `refuse_unpayable` and `start_setup`."""
    refuse_unpayable(desk, link.invoice)
    begun = start_setup(
        desk.organization,
        link.invoice.party_id,
        desk.gateway,
        kinds=KINDS,
        return_url=return_url,
        now=desk.clock.now(),
        pay_link=link,
    )
    return begun.setup


def given(desk: Desk, link: PayLink, setup_id: UUID) -> PaymentMethod | None:
    """What a visitor gave on the processor's page, asked for there and never read from the address; None while nothing
    is, or nobody answers."""
    begun = setup_by(link, setup_id)
    if begun is None or begun.gateway_ref is None:
        return None
    if begun.method is not None:
        return begun.method
    try:
        answer = desk.gateway.fetch_setup(begun.gateway_ref)
    except GatewayError as error:
        log.info("a visitor's saving could not be fetched: %s", type(error).__name__)
        return None
    return finish_setup(desk.organization, begun.id, answer, actor=VISITOR, now=desk.clock.now())


def pay_as_visitor(desk: Desk, link: PayLink, method: PaymentMethod, *, amount_minor: int) -> Settled | None:
    """Charges what the visitor has read (minor units) to the way to pay that they gave, which is forgotten when the
    money has come, or kept for the gift that begins with it and for nothing else. Pressed twice it is one payment.
    Refused as `refuse_unpayable` and `pay_online`, and `no_payment_method` for one that was used up or is of another
    processor."""
    refuse_unpayable(desk, link.invoice)
    if method.state != "once" or method.gateway != desk.gateway.name:
        raise Refused(
            "no_payment_method",
            "This card or account can't be used here any more.",
            field="method",
            fix="Enter it again.",
        )
    since = desk.clock.now() - WITHIN
    if (
        method.fingerprint
        and failed_by_visitors(desk.organization.id, since=since, fingerprint=method.fingerprint)
        >= MOST_FAILED
    ):
        raise _too_many(desk, link.invoice, "This card or account was declined too often in a short time.")
    asked = Asked(amount_minor, method)
    settled = pay_online(desk, link.invoice_id, actor=VISITOR, asked=asked)
    follow_payment(desk, link.invoice_id)
    kept = begin_gift(desk.organization, link.invoice_id, actor=VISITOR, now=desk.clock.now())
    if kept is None and settled is not None and settled.state == "succeeded":
        forget(desk, method, VISITOR)
    return settled


def come_back(desk: Desk, link: PayLink, method: PaymentMethod) -> None:
    """A visitor is back from their bank: what became of their payment is asked at the processor. What begins with it
    has begun."""
    attempt = attempt_with(method)
    if attempt is not None:
        see(desk, attempt.id)
        follow_payment(desk, link.invoice_id)
        begin_gift(desk.organization, link.invoice_id, actor=VISITOR, now=desk.clock.now())


def forget_unused(desk: Desk) -> int:
    """Forgets what visitors gave for one payment and left unused (UNUSED), or what a bank debit that has ended was
    given for, and what was kept for a gift that has ended; returns how many."""
    before = desk.clock.now() - UNUSED
    left = unused_methods(desk.organization.id, desk.gateway.name, before=before, limit=_AT_A_TIME)
    left += kept_for_nothing(desk.organization.id, desk.gateway.name, limit=_AT_A_TIME)
    return sum(forget(desk, method, SCHEDULE) for method in left)


def forget(desk: Desk, method: PaymentMethod, actor: Actor) -> bool:
    """Drops a visitor's method here, then at the processor; whether it was there to be dropped."""
    if not drop_visitor_method(method.id, actor=actor, now=desk.clock.now()):
        return False
    try:
        desk.gateway.detach_method(method.token)
    except GatewayError as error:  # the token is orphaned there, and never used again
        log.info("a visitor's method could not be detached: %s", type(error).__name__)
    return True
