"""Money that goes back, for the organizations on which the invariants are tried: refunds, disputes, a return, a
reversal, a credit note, and the rows around them."""

from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from paidthru import runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.record_refund import record_refund
from paidthru.actions.request_refund import request_refund
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.settle_dispute import settle_dispute
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.invoicing.models import Invoice, PayLink
from paidthru.kernel.clock import FixedClock
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayEvent
from paidthru.payments.models import (
    Attempt,
    Grant,
    MemberLink,
    MethodSetup,
    Payment,
    PaymentMethod,
    Review,
)
from paidthru.payments.operations.strays import note_stray, put_down
from paidthru.runs import Desk
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor

CLERK = Actor("staff", "Clerk")


class Club(Protocol):
    """What is needed of the organization."""

    organization: Organization
    clock: FixedClock
    gateway: SandboxGateway
    desk: SandboxDesk
    parties: dict[str, UUID]
    now: Any

    def look(self, after: str) -> None: ...

    def member(self, name: str, plan: UUID) -> None: ...

    def card(self, name: str) -> None: ...

    def charge(self, name: str) -> None: ...

    def check_of(self, name: str, amount_minor: int) -> None: ...


def members_who_pay(club: Club, plan: UUID) -> None:
    """Those whose money goes back later: by card, Moe by card, Lea by a check that is more than she owes."""
    for name in ("Joy", "Kim", "Moe", "Ned", "Oda"):
        club.member(name, plan)
        if name != "Joy":
            club.card(name)
            club.charge(name)
    club.member("Lea", plan)
    club.check_of("Lea", 150_00)


def payment_of(club: Club, name: str) -> Payment:
    """A member's first payment, as it is now."""
    return Payment.objects.filter(party_id=club.parties[name]).order_by("number")[0]


def tell(club: Club, event: GatewayEvent) -> None:
    """The processor's word, upon which we look."""
    answer = club.gateway.fetch_dispute(event.object_ref)
    settle_dispute(club.organization, answer, actor=CLERK, now=club.now)


def charge_ref(club: Club, name: str) -> str:
    """The processor's reference of a member's first payment."""
    return payment_of(club, name).gateway_ref or ""


def money_goes_back(club: Club) -> None:
    """Kim is refunded and wins a dispute of the same money, Moe's dispute is open, Ned is refunded in part by check and
    by card, Oda's money is lost, then found again; Lea's check bounced, Joy is credited."""
    desk = Desk(club.organization, club.clock, club.gateway)
    about: dict[str, Any] = {"actor": CLERK, "now": club.now}
    refund = request_refund(club.organization, payment_of(club, "Kim").id, **about)
    club.look("Kim's refund is asked for")
    assert runs.look_at_refund(desk, refund.id)
    club.look("Kim is refunded")
    tell(club, club.desk.dispute(charge_ref(club, "Kim")))
    club.look("Kim disputes")
    tell(club, club.desk.decide(club.desk.dispute_of(charge_ref(club, "Kim")), "lost"))
    club.look("Kim's dispute is lost")
    tell(club, club.desk.dispute(charge_ref(club, "Moe")))
    club.look("Moe disputes")
    request_refund(club.organization, payment_of(club, "Ned").id, amount_minor=10_00, **about)
    runs.send_refunds(desk)
    record_refund(
        club.organization,
        payment_of(club, "Ned").id,
        amount_minor=5_00,
        currency="USD",
        via="check",
        **about,
    )
    club.look("Ned is refunded in part")
    tell(club, club.desk.dispute(charge_ref(club, "Oda"), amount_minor=40_00))
    tell(club, club.desk.decide(club.desk.dispute_of(charge_ref(club, "Oda")), "lost"))
    club.look("Oda's dispute is lost")
    tell(club, club.desk.decide(club.desk.dispute_of(charge_ref(club, "Oda")), "won"))
    club.look("Oda's money is back")
    reverse_payment(club.organization, payment_of(club, "Lea").id, why="The check bounced.", **about)
    club.look("Lea's check is reversed")
    invoice = Invoice.objects.filter(party_id=club.parties["Joy"], state="sent").order_by("number")[0]
    credit_invoice(club.organization, invoice.id, amount_minor=10_00, **about)
    club.look("Joy is credited")
    _rows_around(club)


def _rows_around(club: Club) -> None:
    """One row each of what hangs on members and attempts beside money."""
    mine = {"organization": club.organization}
    attempt = Attempt.objects.filter(**mine, state="unknown")[0]
    later = club.now + timedelta(days=1)
    invoice = Invoice.objects.filter(party_id=club.parties["Dee"])[0]
    Grant.objects.create(**mine, invoice=invoice, granted_by="Clerk", granted_at=club.now)
    Review.objects.create(
        **mine,
        attempt=attempt,
        outcome="declined",
        evidence="A letter",
        state="withdrawn",
        separated=False,
        proposed_by="Clerk",
        proposed_at=club.now,
    )
    link = MemberLink.objects.create(
        **mine,
        party_id=attempt.party_id,
        purpose="confirm",
        attempt=attempt,
        token_hash=f"hash of {club.organization.id}"[:64],
        created_by="Clerk",
        created_at=club.now,
        expires_at=later,
    )
    MethodSetup.objects.create(
        **mine,
        party_id=attempt.party_id,
        link=link,
        pay_link=PayLink.objects.create(**mine, invoice=invoice, created_by="Clerk", created_at=club.now),
        gateway="sandbox",
        state="complete",
        method=PaymentMethod.objects.filter(party_id=attempt.party_id)[0],
        created_at=club.now,
    )
    Message.objects.create(
        **mine, party_id=attempt.party_id, kind="receipt", key="one", written_at=club.now, state="sent"
    )
    with transaction.atomic():
        stray = note_stray(
            club.organization,
            kind="charge",
            gateway="sandbox",
            gateway_ref=f"stray of {club.organization.id}",
            currency="USD",
            amount_minor=7_00,
            occurred_at=club.now,
            why="Nobody's.",
            now=club.now,
        )
        assert stray is not None
        put_down(stray, by="Clerk", payment_id=payment_of(club, "Moe").id)
    club.look("the rows around are written")
