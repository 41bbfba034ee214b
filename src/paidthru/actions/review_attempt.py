"""Review an attempt that needs a person: one proposes what became of it, with evidence, another approves (E.3).

What the gateway says now goes before what people say: `runs.approve_review` asks it between the two.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, Receivable, names_of
from paidthru.invoicing.operations import close_failed
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.operations import mark_unpaid
from paidthru.membership.queries.documents import closed_on_failure
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, IntentInvoice, Payment, PaymentIntent, Review
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.settlement import ATTEMPT_MACHINE
from paidthru.timeline.operations import Actor, Happening, once, record

OUTCOMES = ("succeeded", "declined", "canceled")


def propose(
    organization: Organization,
    attempt_id: UUID,
    *,
    outcome: str,
    evidence: str,
    charge_ref: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Review:
    """Proposes what became of an attempt (`OUTCOMES`), with evidence. `charge_ref` is the gateway's reference of money
    that came, where our row has none. Nothing changes before it is approved.

    Refused: `attempt_unknown`, `not_in_review`, `review_exists`, `outcome_unknown`, `evidence_missing`,
    `charge_ref_missing`, `charge_booked`, `card_number_in_text`.
    """

    def act() -> dict[str, str]:
        attempt = _attempt(organization, attempt_id)
        if attempt.state != "needs_review":
            raise Refused(
                "not_in_review",
                "This payment does not need a review.",
                field="attempt",
                value=attempt.state,
                fix="What the gateway answers is settled by itself.",
            )
        if Review.objects.filter(attempt=attempt, state="proposed").exists():
            raise Refused(
                "review_exists",
                "Somebody has proposed an outcome already.",
                field="attempt",
                fix="Approve it, or withdraw it first.",
            )
        if outcome == "succeeded" and not charge_ref.strip() and attempt.intent.gateway_ref is None:
            raise Refused(
                "charge_ref_missing",
                "The gateway's reference of the money is missing.",
                field="charge_ref",
                fix="It stands beside the payment in the gateway's own pages.",
            )
        if outcome == "succeeded":
            refuse_booked(attempt.intent, charge_ref.strip()[:120])
        review = Review.objects.create(
            organization=organization,
            attempt=attempt,
            outcome=outcome,
            charge_ref=charge_ref.strip()[:120],
            evidence=evidence.strip()[:500],
            separated=policies_of(organization).word("staff.separation") == "on",
            proposed_by=actor.name[:200],
            proposer_id=actor.id,
            proposed_at=now,
        )
        record(organization.id, actor, now, [_told("review_proposed", review, attempt)])
        return {"review": str(review.id)}

    _refuse_text(outcome, evidence, charge_ref)
    inputs = {"attempt": str(attempt_id), "outcome": outcome, "evidence": evidence, "charge": charge_ref}
    stored = once(organization.id, key, "propose_review", inputs, now, act)
    return Review.objects.get(id=stored["review"])


def refuse_booked(intent: PaymentIntent, charge_ref: str) -> None:
    """Refuses `charge_booked` for a gateway's reference of money that is a payment here already, or of another
    intent: evidence can't make two payments of one."""
    booked = Payment.objects.filter(gateway=intent.gateway, gateway_ref=charge_ref)
    others = PaymentIntent.objects.filter(gateway=intent.gateway, gateway_ref=charge_ref).exclude(
        id=intent.id
    )
    if charge_ref and (booked.exists() or others.exists()):
        raise Refused(
            "charge_booked",
            "This reference is of other money, which is known here already.",
            field="charge_ref",
            value=charge_ref,
            fix="Find the reference of this payment's own money; if there is none, propose that nothing came.",
        )


def withdraw(organization: Organization, review_id: UUID, *, actor: Actor, now: datetime) -> Review:
    """Takes a proposal back; another can be made. Refused: `review_unknown`, `review_concluded`."""
    with transaction.atomic():
        review = _waiting(organization, review_id)
        review.state = "withdrawn"
        review.save(update_fields=["state"])
        record(organization.id, actor, now, [_told("review_withdrawn", review, review.attempt)])
        return review


def approvable(organization: Organization, review_id: UUID, *, actor: Actor) -> Review:
    """The proposal, if this person may approve it now. Refused: `review_unknown`, `review_concluded`, `own_request`,
    `not_in_review`."""
    with transaction.atomic():
        review = _waiting(organization, review_id)
        _refuse_own(review, actor)
        return review


def approve(organization: Organization, review_id: UUID, *, actor: Actor, now: datetime) -> Review:
    """Approves a proposal. `declined` and `canceled` free the invoice here: the gateway's intent must be fenced before;
    with `succeeded` the caller settles the money in the same transaction. Refused as `approvable`."""
    with transaction.atomic():
        review = _waiting(organization, review_id)
        _refuse_own(review, actor)
        review.state, review.approved_by, review.approver_id = "approved", actor.name[:200], actor.id
        review.approved_at = now
        review.save(update_fields=["state", "approved_by", "approver_id", "approved_at"])
        if review.outcome != "succeeded":
            _conclude(organization, review, actor, now)
        record(organization.id, actor, now, [_told("review_approved", review, review.attempt)])
        return review


def _conclude(organization: Organization, review: Review, actor: Actor, now: datetime) -> None:
    """Ends an attempt that brought no money: its invoices can be collected anew, by another intent."""
    attempt, intent = review.attempt, review.attempt.intent
    Attempt.objects.filter(id=attempt.id).update(
        state=ATTEMPT_MACHINE.next(attempt.state, f"review_{review.outcome}"),
        decline_code="",
        soft=None,
        message=review.evidence[:300],
        concluded_at=now,
        next_look_at=None,
        lease_token=None,
        lease_until=None,
    )
    PaymentIntent.objects.filter(id=intent.id).update(state=INTENT.next(intent.state, "close"))
    collected = IntentInvoice.objects.filter(intent=intent)
    collected.update(open=False)
    if review.outcome == "declined":
        asked = Receivable.objects.filter(
            lines__invoice__in=collected.values("invoice"), lines__invoice__state="sent"
        )
        unpaid = asked.filter(state="open", voluntary=False).values_list("source_id", flat=True)
        mark_unpaid(list(unpaid), on=local_date(now, organization.zone))
        invoices = list(collected.values_list("invoice_id", flat=True))
        closed = close_failed(closed_on_failure(policies_of(organization), invoices))
        record(organization.id, actor, now, closed)


def _attempt(organization: Organization, attempt_id: UUID) -> Attempt:
    found = Attempt.objects.select_for_update(of=("self",)).select_related("intent")
    attempt = found.filter(id=attempt_id, organization=organization).first()
    if attempt is None:
        raise Refused("attempt_unknown", "There is no such payment.", field="attempt", value=attempt_id)
    return attempt


def _waiting(organization: Organization, review_id: UUID) -> Review:
    """The proposal, locked after its attempt, still waiting."""
    known = Review.objects.filter(id=review_id, organization=organization).first()
    if known is None:
        raise Refused("review_unknown", "There is no such proposal.", field="review", value=review_id)
    attempt = _attempt(organization, known.attempt_id)
    review = Review.objects.select_for_update().get(id=review_id)
    review.attempt = attempt
    if review.state != "proposed" or attempt.state != "needs_review":
        raise Refused(
            "review_concluded",
            f"This proposal is {review.state}, and the payment is {attempt.state}.",
            field="review",
            fix="Nothing is left to decide here.",
        )
    return review


def _refuse_own(review: Review, actor: Actor) -> None:
    if review.separated and actor.is_same(review.proposed_by, review.proposer_id):
        raise Refused(
            "own_request",
            "You proposed this outcome yourself.",
            field="review",
            fix="Somebody else has to approve it (staff.separation is on). You can withdraw it.",
        )


def _refuse_text(outcome: str, evidence: str, charge_ref: str) -> None:
    if outcome not in OUTCOMES:
        raise Refused(
            "outcome_unknown",
            f"“{outcome}” is no outcome.",
            field="outcome",
            value=outcome,
            fix=f"It can be: {', '.join(OUTCOMES)}.",
        )
    if not evidence.strip():
        raise Refused(
            "evidence_missing",
            "Say how you know what became of it.",
            field="evidence",
            fix="A statement of the bank, a page of the gateway, or who answered at its support, and when.",
        )
    if holds_card_number(evidence) or holds_card_number(charge_ref):
        raise Refused(
            "card_number_in_text",
            "The evidence holds a card number, which is never stored.",
            field="evidence",
            fix="Leave the number out; its last four digits are enough.",
        )


def _told(verb: str, review: Review, attempt: Attempt) -> Happening:
    intent = attempt.intent
    invoices = Invoice.objects.filter(intents__intent=intent).order_by("number")
    facts = {
        "invoices": names_of(invoices),
        "amount": plain(intent.amount_minor, intent.currency),
        "currency": intent.currency,
        "outcome": review.outcome,
        "evidence": review.evidence,
    }
    return Happening(verb, "attempt", attempt.id, attempt.party_id, review.evidence, facts)
