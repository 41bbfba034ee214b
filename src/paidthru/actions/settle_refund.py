"""Settle a refund: what the gateway says of it becomes its state, and the books; once, however often it is said.

The one function for reply, look-up, webhook, sweep and replay: idempotent, and never moved back by an answer that knows
less; a success may turn into a failure (B-49). A refund that was made at the gateway past us is recorded by it too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import REFUND, GatewayError, GatewayRefund
from paidthru.payments.models import Payment, PaymentIntent, Refund
from paidthru.payments.operations.recovery import KIND, bill_recovery, withdraw_recovery
from paidthru.payments.operations.refunds import (
    Moment,
    NewRefund,
    carry,
    conclude,
    happening,
    hold_payment,
    hold_refund,
    make_room,
    write_refund,
)
from paidthru.payments.rules.intents import reconcile_delay
from paidthru.payments.rules.refunds import (
    ABSENT,
    ABSENT_TWICE,
    ACCEPTED,
    GIVEN,
    HELD,
    MISMATCH,
    STUCK,
    RefundOutcome,
    RefundState,
    Step,
    event_to,
    read_answer,
)
from paidthru.timeline.operations import Actor, Happening, record

#: Who asked for a refund that was made at the gateway itself.
THE_PROCESSOR = "the processor"

_VERBS = {
    RefundState.UNKNOWN: "refund_unknown",
    RefundState.FAILED: "refund_failed",
    RefundState.REJECTED: "refund_rejected",
    RefundState.CANCELED: "refund_canceled",
}


@dataclass(frozen=True, slots=True)
class SettledRefund:
    """Where a refund stands after an answer; without an id there is none of ours, and there need not be: it failed
    before we heard of it. `stop` asks the caller to send nothing more for now: the account itself is refused."""

    refund_id: UUID | None
    state: str
    stop: bool = False


def settle_refund(
    organization: Organization,
    answer: GatewayRefund | GatewayError,
    *,
    refund_id: UUID | None,
    actor: Actor,
    now: datetime,
    lease: UUID | None = None,
) -> SettledRefund:
    """Writes what an answer means for a refund. A second time it changes nothing.

    Without a `refund_id` a fetched refund is found by its reference, then by our id on it; else it was made elsewhere
    and is recorded on its payment, which is found by charge or intent. `lease` is released if it is still ours.
    Refused: `refund_unknown`, `payment_unknown` (it is of no payment that we know), `refund_exceeds_payment` (more
    would have been given back than came: nonsense, for a person to look at).
    """
    with transaction.atomic():
        if refund_id is None:
            if not isinstance(answer, GatewayRefund):
                raise TypeError("only a refund that was fetched can be found by itself")
            found = _found(organization.id, answer)
            if found is None:
                return _made_elsewhere(organization, answer, actor, now)
            refund_id = found
        payment, refund = hold_refund(refund_id, organization.id)
        return _settle(organization, payment, refund, answer, actor=actor, now=now, lease=lease)


def _found(organization_id: UUID, answer: GatewayRefund) -> UUID | None:
    """Our row of a gateway's refund: by its reference; by our id on it, if that one is not another refund's already."""
    rows = Refund.objects.filter(organization_id=organization_id)
    known = rows.filter(gateway_ref=answer.ref).values_list("id", flat=True).first()
    ours = _id(answer.metadata.get(REFUND, ""))
    if known is not None or ours is None:
        return known
    return rows.filter(id=ours, gateway_ref__isnull=True).values_list("id", flat=True).first()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _settle(
    organization: Organization,
    payment: Payment,
    refund: Refund,
    answer: GatewayRefund | GatewayError,
    *,
    actor: Actor,
    now: datetime,
    lease: UUID | None,
) -> SettledRefund:
    outcome = _checked(read_answer(answer), answer, payment, refund)
    event = event_to(refund.state, outcome.state) if outcome.state is not None else None
    if event is None:
        _look_again(refund, outcome, now, lease)
        return SettledRefund(refund.id, refund.state, outcome.step is Step.STOP)
    new, old = outcome.state, refund.state
    assert new is not None
    at = Moment(organization, local_date(now, organization.zone), now)
    happenings: list[Happening] = []
    if (
        new in HELD and old not in HELD
    ):  # a restored backup, or one that was turned down after it had been sent
        happenings += make_room(payment, refund.amount_minor, refund.id, at)
    beyond = carry(payment, refund, event, at, beyond_allowed=True)
    if isinstance(answer, GatewayRefund) and outcome.code != MISMATCH:
        refund.gateway_ref = answer.ref
        Refund.objects.filter(id=refund.id).update(gateway_ref=answer.ref)
    if new in GIVEN and new != RefundState.SUCCEEDED:
        _look_again(refund, outcome, now, lease)
    else:
        conclude(refund, code=outcome.code, message=outcome.message, now=now)
    happenings += _told(payment, refund, old, new, outcome)
    if beyond:
        happenings += _crossed(payment, refund, beyond, at)
    if old in GIVEN and new not in GIVEN:
        happenings += withdraw_recovery(refund.id, "The refund came back.", at)
    record(organization.id, actor, now, happenings)
    announce(organization.id, happenings, now=now)
    return SettledRefund(refund.id, refund.state)


def _checked(
    outcome: RefundOutcome, answer: GatewayRefund | GatewayError, payment: Payment, refund: Refund
) -> RefundOutcome:
    """An answer about other money than we asked to be given back is a person's matter, never a settlement (B-35)."""
    if not isinstance(answer, GatewayRefund):
        return outcome
    intent = payment.attempt.intent if payment.attempt is not None else None
    if (
        answer.amount_minor != refund.amount_minor
        or answer.currency != refund.currency
        or refund.gateway_ref not in (None, answer.ref)
        or Refund.objects.filter(gateway_ref=answer.ref).exclude(id=refund.id).exists()
        or (
            intent is not None
            and (answer.livemode, answer.intent_ref) != (intent.livemode, intent.gateway_ref)
        )
    ):
        why = "The processor's answer is about another amount, currency or payment."
        return RefundOutcome(RefundState.UNKNOWN, Step.REVIEW, MISMATCH, why)
    return outcome


def _look_again(refund: Refund, outcome: RefundOutcome, now: datetime, lease: UUID | None) -> None:
    """Releases the lease, and sets the next look at what is still open."""
    values: dict[str, object] = {}
    if refund.state in (
        RefundState.SUBMITTED,
        RefundState.UNKNOWN,
        RefundState.PENDING,
        RefundState.APPROVED,
    ):
        wait = outcome.retry_after or timedelta(seconds=reconcile_delay(refund.looks))
        if outcome.code == ABSENT:
            wait = max(wait, ABSENT_TWICE)
        values = {"next_look_at": now + wait, "looks": min(refund.looks + 1, 1000)}
        if refund.code not in STUCK:
            values |= {"code": outcome.code[:60], "message": outcome.message[:300]}
    Refund.objects.filter(id=refund.id).update(**values) if values else None
    if lease is not None:
        Refund.objects.filter(id=refund.id, lease_token=lease).update(lease_token=None, lease_until=None)


def _told(
    payment: Payment,
    refund: Refund,
    old: str,
    new: RefundState,
    outcome: RefundOutcome,
) -> list[Happening]:
    """The events of an answer: sent once the gateway has taken it on, done when the money has arrived."""
    why = f"{outcome.message} {_no_longer_twice(refund)}".strip()
    more = {"code": outcome.code} if outcome.code else {}
    told = []
    if new in ACCEPTED:
        if old not in ACCEPTED:
            told.append(happening("refund_sent", payment, refund, refund.reason))
        if new == RefundState.SUCCEEDED:
            told.append(happening("refund_done", payment, refund))
    else:
        told.append(happening(_VERBS[new], payment, refund, why, **more))
    return told


def _no_longer_twice(refund: Refund) -> str:
    """What staff have to do about the invoice that asked for what a refund gave twice, when it gave nothing."""
    asked = Invoice.objects.filter(kind=KIND, lines__receivable__source_id=refund.id, state="sent").first()
    return f"Invoice {asked.label} asks for it as received twice: credit it." if asked is not None else ""


def _crossed(payment: Payment, refund: Refund, beyond_minor: int, at: Moment) -> list[Happening]:
    """The member has this part twice, for it was taken back or given back already: they owe it, and staff are told
    (B-20)."""
    twice = plain(beyond_minor, refund.currency)
    why = f"More went out of payment {payment.number} than came in: the member has {twice} twice."
    _, billed = bill_recovery(payment, beyond_minor, refund.id, why, at)
    return [happening("refund_crossed", payment, refund, why, beyond=twice), billed]


def _made_elsewhere(
    organization: Organization, answer: GatewayRefund, actor: Actor, now: datetime
) -> SettledRefund:
    """Records a refund that was made at the gateway itself, or that a restored backup has forgotten: then under the id
    that it carries, so that it is not made again (C.11)."""
    state = read_answer(answer).state
    payment = hold_payment(organization.id, _payment_of(organization.id, answer))
    if state not in ACCEPTED or state is None:
        return SettledRefund(None, answer.status.value)
    found = _found(organization.id, answer)  # whoever held the payment before us may have written it
    if found is not None:
        return _settle(organization, *hold_refund(found), answer, actor=actor, now=now, lease=None)
    if answer.currency != payment.currency or answer.amount_minor <= 0:
        raise Refused(
            "currency_mismatch" if answer.currency != payment.currency else "amount_invalid",
            f"The processor tells of a refund of payment {payment.number} that can't be: {answer.amount_minor}"
            f" {answer.currency}.",
            field="refund",
            value=answer.ref,
            fix="Compare the payment with the processor's own page: a person has to look.",
        )
    made_on = min(local_date(answer.created_at, organization.zone), local_date(now, organization.zone))
    at = Moment(organization, made_on, now)
    happenings = make_room(payment, answer.amount_minor, None, at)
    ours = _id(answer.metadata.get(REFUND, ""))
    free = ours if ours is not None and not Refund.objects.filter(id=ours).exists() else None
    reason = "Made at the processor." if free is None else "Found at the processor."
    new = NewRefund(answer.amount_minor, "gateway", reason, THE_PROCESSOR, now, reference=answer.ref, id=free)
    refund = write_refund(payment, new, key_of=payment.gateway_ref or "")
    event = event_to(refund.state, state)
    assert event is not None  # a new row may be told anything
    beyond = carry(payment, refund, event, at, beyond_allowed=True)
    if state is RefundState.PENDING:
        _look_again(refund, read_answer(answer), now, None)
    else:
        conclude(refund, code="", message="", now=now)
    happenings.append(happening("refund_found", payment, refund, reason))
    if beyond:
        happenings += _crossed(payment, refund, beyond, at)
    record(organization.id, actor, now, happenings)
    return SettledRefund(refund.id, refund.state)


def _payment_of(organization_id: UUID, answer: GatewayRefund) -> UUID:
    """The payment that a gateway's refund is of: by its charge, or by the intent that we collected it with."""
    refs = [ref for ref in (answer.charge_ref, answer.intent_ref) if ref]
    by_charge = Payment.objects.filter(organization_id=organization_id, gateway_ref__in=refs)
    by_charge = by_charge.filter(Q(attempt=None) | Q(attempt__intent__livemode=answer.livemode))
    found = by_charge.values_list("id", flat=True).first()
    if found is None and answer.intent_ref:
        intents = PaymentIntent.objects.filter(
            organization_id=organization_id, gateway_ref=answer.intent_ref, livemode=answer.livemode
        )
        found = (
            Payment.objects.filter(attempt__intent__in=intents).order_by("id").values_list("id", flat=True)
        ).first()
    if found is None:
        raise Refused(
            "payment_unknown",
            "The processor tells of a refund of a payment that we do not know.",
            field="refund",
            value=answer.ref,
            fix="Its payment has to be found first: look at the processor's charges that are nobody's.",
        )
    return found
