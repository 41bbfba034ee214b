"""Reviews: what people decide of an attempt is held against what the gateway says of it now."""

from functools import partial
from uuid import UUID

from django.db import transaction

from paidthru.actions.keep_stray import withdraw_stray
from paidthru.actions.review_attempt import approvable, approve, refuse_booked
from paidthru.actions.settle import settle
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    GatewayError,
    GatewayIntent,
    GatewayRejected,
    IntentStatus,
)
from paidthru.payments.models import Review
from paidthru.payments.rules.imprint import read
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import Actor, again_on_conflict


def approve_review(desk: Desk, review_id: UUID, *, actor: Actor) -> Review:
    """Approves what was proposed of an attempt, after asking the gateway: with `succeeded` the money is settled as any
    other, with `declined` and `canceled` the gateway's intent is fenced first.

    Refused as `approvable`, and `gateway_silent`, `gateway_disagrees` (evidence can't contradict what it says now),
    `charge_booked` (it is other money, which is known here).
    """
    review = approvable(desk.organization, review_id, actor=actor)
    found = _fetched(desk, review)
    if review.outcome == "succeeded":
        if found is None and review.attempt.intent.gateway_ref is not None:
            raise _disagrees("knows of no such payment")
        answer = found or _from_evidence(review)
        if answer.status is not IntentStatus.SUCCEEDED:
            raise _disagrees(f"says of it: {answer.status.value}")
        if (
            answer.currency != review.attempt.intent.currency
            or answer.livemode != review.attempt.intent.livemode
        ):
            raise _disagrees("says that it is money of another kind")
        if found is not None and not _is_of(review, found):
            raise _disagrees("says that it is another payment's money")
    else:
        answer = None
        _fence(desk, found)
    return again_on_conflict(partial(_write, desk, review, answer, actor))


def _write(desk: Desk, review: Review, answer: GatewayIntent | None, actor: Actor) -> Review:
    """The approval and what follows from it, in one transaction."""
    now = desk.clock.now()
    with transaction.atomic():
        approved = approve(desk.organization, review.id, actor=actor, now=now)
        if answer is not None:
            intent, charge_ref = review.attempt.intent, answer.charge_ref or answer.ref
            refuse_booked(intent, charge_ref)
            withdraw_stray(  # it stood in suspense until people found whose it is
                desk.organization,
                gateway=intent.gateway,
                gateway_ref=charge_ref,
                why="It was found to be of this payment.",
                actor=actor,
                now=now,
            )
            settle(desk.organization, review.attempt_id, answer, actor=actor, now=now, reviewed=True)
        return approved


def _is_of(review: Review, answer: GatewayIntent) -> bool:
    """Whether an object is of the attempt's intent: the one that is bound to it, or one that names it; and of its
    customer. What people typed may be anybody's."""
    intent = review.attempt.intent
    said = read(answer.metadata)
    named = said is not None and (said.organization, said.intent) == (intent.organization_id, intent.id)
    return (named or answer.ref == intent.gateway_ref) and answer.customer_ref == intent.customer_ref


def _fetched(desk: Desk, review: Review) -> GatewayIntent | None:
    """The gateway's object as it is now; None where it has none of that reference, or we know of none."""
    ref = review.attempt.intent.gateway_ref or (review.charge_ref if review.outcome == "succeeded" else None)
    if not ref:
        return None
    try:
        return desk.gateway.fetch_intent(ref)
    except GatewayRejected as error:
        if error.code == NO_SUCH_INTENT:
            return None
        raise _silent(error) from error
    except GatewayError as error:
        raise _silent(error) from error


def _fence(desk: Desk, found: GatewayIntent | None) -> None:
    """Makes sure that the intent can never charge (C.3, abandon): canceled at the gateway where it allows that."""
    if found is None or found.status is IntentStatus.CANCELED:
        return
    if found.status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
        raise _disagrees(f"says of it: {found.status.value}")
    if not desk.gateway.capabilities.fence:
        return
    try:
        fenced = desk.gateway.cancel_intent(found.ref, key=f"fence:{found.ref}:{new_id()}")
    except GatewayRejected as error:
        if error.code == UNEXPECTED_STATE:
            raise _disagrees("would not cancel it: its state has changed") from error
        raise _silent(error) from error
    except GatewayError as error:
        raise _silent(error) from error
    if fenced.status is not IntentStatus.CANCELED:
        raise _disagrees(f"says of it: {fenced.status.value}")


def _from_evidence(review: Review) -> GatewayIntent:
    """The object as people vouch for it, where the gateway can't be asked for one: it never bound an id to ours."""
    intent = review.attempt.intent
    return GatewayIntent(
        ref=review.charge_ref,
        status=IntentStatus.SUCCEEDED,
        amount_minor=intent.amount_minor,
        received_minor=intent.amount_minor,
        currency=intent.currency,
        customer_ref=intent.customer_ref,
        livemode=intent.livemode,
        created_at=intent.created_at,
        charge_ref=review.charge_ref,
    )


def _silent(error: GatewayError) -> Refused:
    return Refused(
        "gateway_silent",
        f"The gateway can't be asked just now: {error.message}",
        field="review",
        fix="Try again later: nothing is decided without asking it.",
    )


def _disagrees(what: str) -> Refused:
    return Refused(
        "gateway_disagrees",
        f"The gateway {what}.",
        field="review",
        fix="Withdraw the proposal, and propose what the gateway says.",
    )
