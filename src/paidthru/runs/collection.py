"""Collection: what is submitted, sent, asked about and settled. The gateway is called with no transaction open."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from paidthru.actions.charge import (
    Claim,
    claim,
    claim_waiting,
    give_back,
    open_attempt,
    open_attempts,
    send,
)
from paidthru.actions.record_payment import record_payment
from paidthru.actions.review_run import review_run
from paidthru.actions.settle import Settled, settle
from paidthru.actions.submit import (
    Selection,
    refuse_unready,
    submit_list,
    submit_totals,
)
from paidthru.invoicing.queries import oldest_open_invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import GatewayError, GatewayIntent
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Payment
from paidthru.payments.queries import Collectable, count_unsent, in_flight
from paidthru.runs.desk import Desk, Progress
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict

CLAIMED = 20  # attempts taken at a time; even at 5 s each the last is sent before its deadline


def pay_online(desk: Desk, invoice_id: UUID, *, actor: Actor) -> Settled | None:
    """Collects an invoice now, with the payment method on file, while the payer is there. Refused as `open_attempt`,
    and `payment_in_progress`."""
    refuse_while_collecting(invoice_id)
    budget = policies_of(desk.organization).number("collect.max_attempts")
    attempt = again_on_conflict(
        partial(
            open_attempt,
            desk.organization,
            invoice_id,
            max_attempts=budget,
            initiator="member",
            actor=actor,
            now=desk.clock.now(),
            off_session=False,
        )
    )
    return collect(desk, attempt.id)


def refuse_while_collecting(invoice_id: UUID) -> None:
    """Refuses `payment_in_progress` while another attempt at the invoice waits for its end. A double click doesn't
    count: it meets its own attempt, which isn't sent yet."""
    attempt = Attempt.objects.filter(
        intent__invoices__invoice_id=invoice_id, intent__invoices__open=True, state__in=OPEN_ATTEMPT
    ).first()
    if attempt is not None and (attempt.state != "created" or attempt.initiator not in ("member", "staff")):
        raise Refused(
            "payment_in_progress",
            "A payment of this invoice is under way already.",
            field="invoice",
            fix="Wait for its answer: paying again now could pay twice.",
        )


def mark_cycle_paid(
    desk: Desk, party_id: UUID, *, means: str, actor: Actor, amount_minor: int | None = None
) -> Payment:
    """Records that a member's oldest unpaid cycle was paid outside: all of its balance, or the amount given (minor
    units). Refused `invoice_paid` when nothing is open."""
    invoice = oldest_open_invoice(party_id)
    if invoice is None:
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            field="member",
            fix="Record the money as a payment; it stands as credit.",
        )
    return record_payment(
        desk.organization,
        party_id,
        amount_minor=invoice.balance_minor if amount_minor is None else amount_minor,
        currency=invoice.currency,
        means=means,
        actor=actor,
        now=desk.clock.now(),
        invoice_ids=[invoice.id],
    )


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission did: attempts opened, and the invoices that could not be, each with its reason."""

    submitted: int
    refused: tuple[Collectable, ...]


def submit(desk: Desk, selection: Selection, *, actor: Actor, acknowledged: bool = False) -> Submission:
    """Opens an attempt for every invoice of the submit list. Asked for twice, the second finds nothing left (I-43).

    `acknowledged`: the caller has read the list, also of runs that were not marked as reviewed, and of dates ahead.
    """
    now = desk.clock.now()
    run_ids = submit_totals(desk.organization, selection, now=now).run_ids
    refuse_unready(desk.organization, selection, run_ids, now=now, acknowledged=acknowledged)
    for run in BillingRun.objects.filter(id__in=run_ids, state="done", reviewed_at__isnull=True):
        review_run(run.id, actor=actor, now=now)
    return _submit(desk, selection, initiator="submission", actor=actor)


def _submit(desk: Desk, selection: Selection, *, initiator: str, actor: Actor) -> Submission:
    """Opens the attempts page by page, each in one transaction."""
    submitted, refused, after = 0, [], None
    budget = policies_of(desk.organization).number("collect.max_attempts")
    while True:
        page, after = submit_list(desk.organization, selection, now=desk.clock.now(), after=after)
        refused += [one for one in page if one.refused]
        ready = {one.invoice_id: one for one in page if not one.refused}
        opened = again_on_conflict(
            partial(
                open_attempts,
                desk.organization,
                list(ready),
                max_attempts=budget,
                initiator=initiator,
                actor=actor,
                now=desk.clock.now(),
            )
        )
        submitted += len(opened.written)
        # paid or changed since the list was read
        refused += [replace(ready[id_], refused=why.code) for id_, why in opened.refused.items()]
        if after is None:
            return Submission(submitted, tuple(refused))


def collect(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Sends one attempt and settles the answer; None when somebody else is at it."""
    held = claim(attempt_id, now=desk.clock.now())
    return _send(desk, held) if held else None


def _send(desk: Desk, held: Claim, policies: Policies | None = None) -> Settled | None:
    answer = send(held, desk.gateway)
    if answer is None:
        give_back([held])
        return None
    return _settle(desk, held.attempt_id, answer, held.lease, policies)


def _settle(
    desk: Desk,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    lease: UUID | None = None,
    policies: Policies | None = None,
) -> Settled:
    return again_on_conflict(
        partial(
            settle,
            desk.organization,
            attempt_id,
            answer,
            actor=SCHEDULE,
            now=desk.clock.now(),
            lease=lease,
            policies=policies,
        ),
        repeatable=True,
    )


def collect_unsent(desk: Desk, progress: Progress | None = None) -> int:
    """Sends every attempt that waits, a few at a time, beside whoever else does; returns how many were answered.

    Stops when the gateway refuses the account itself: what was not sent waits (B-31).
    """
    answered = 0
    while (held := claim_waiting(desk.organization.id, now=desk.clock.now(), limit=CLAIMED)) is not None:
        policies = policies_of(desk.organization)
        for place, one in enumerate(held):
            settled = _send(desk, one, policies)
            answered += settled is not None
            if settled is not None and settled.stop:
                give_back(held[place + 1 :])
                return answered
        if progress is not None:
            progress(answered, answered + count_unsent(desk.organization.id))
    return answered


def look(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Asks the gateway about an open attempt and settles what it says; drives it again where nothing took effect."""
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id)
    if attempt.intent.gateway_ref is None:
        return collect(desk, attempt_id)
    try:
        answer = desk.gateway.fetch_intent(attempt.intent.gateway_ref)
    except GatewayError as error:
        return _settle(desk, attempt_id, error)
    settled = _settle(desk, attempt_id, answer)
    return collect(desk, attempt_id) if settled.send_again else settled


def retrieve(desk: Desk) -> dict[str, int]:
    """Asks about every attempt in flight (I-46, I-54); returns how many stand in each state afterwards."""
    found: dict[str, int] = {}
    for id_ in in_flight(desk.organization.id, limit=1_000_000):
        settled = look(desk, id_)
        state = settled.state if settled else Attempt.objects.get(id=id_).state
        found[state] = found.get(state, 0) + 1
    return found
