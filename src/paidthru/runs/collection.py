"""Collection: what is submitted, and what is paid by somebody who is there. `sending.py` brings it to the gateway."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from paidthru.actions.charge import Asked, open_attempt, open_attempts
from paidthru.actions.review_run import review_run
from paidthru.actions.settle import Settled
from paidthru.actions.submit import (
    Selection,
    refuse_unready,
    submit_list,
    submit_totals,
)
from paidthru.invoicing.operations import current_documents
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.payments.queries import Collectable
from paidthru.payments.queries.gates import refuse_unsafe
from paidthru.runs.desk import Desk
from paidthru.runs.sending import collect
from paidthru.runs.throttling import refuse_paused
from paidthru.timeline.operations import Actor, again_on_conflict


def pay_online(desk: Desk, invoice_id: UUID, *, actor: Actor, asked: Asked | None = None) -> Settled | None:
    """Collects an invoice now, with the payment method on file, while the payer is there; of one that is closed, the
    document that stands for the same obligation (X26). With `asked` it is what the payer has read: the amount, and the
    visitor's own method. Refused as `open_attempt`, `payment_in_progress`, and before anything is written as
    `refuse_unsafe` and `sending_paused`."""
    refuse_while_collecting(invoice_id)
    refuse_unsafe(live=not desk.organization.is_sandbox, livemode=False, now=desk.clock.now())
    refuse_paused(desk)
    budget = policies_of(desk.organization).number("collect.max_attempts")
    attempt = again_on_conflict(
        partial(
            open_attempt,
            desk.organization,
            invoice_id,
            max_attempts=budget,
            initiator="visitor" if asked and asked.method else "member",
            actor=actor,
            now=desk.clock.now(),
            off_session=False,
            asked=asked,
        )
    )
    return collect(desk, attempt.id)


def awaiting_payer(invoice_id: UUID) -> Attempt | None:
    """The attempt at an invoice that waits for the member's own confirmation, by their bank: paying the invoice is to
    complete that one (field-notes C.4)."""
    live = current_documents([invoice_id]).get(invoice_id, invoice_id)
    waiting = Attempt.objects.filter(
        intent__invoices__invoice_id=live, intent__invoices__open=True, state="requires_action"
    )
    return waiting.exclude(initiator="visitor").select_related("intent", "method").first()


def refuse_while_collecting(invoice_id: UUID) -> None:
    """Refuses `payment_in_progress` while another attempt at the invoice waits for its end. A double click doesn't
    count: it meets its own attempt, which isn't sent yet."""
    live = current_documents([invoice_id]).get(invoice_id, invoice_id)
    attempt = Attempt.objects.filter(
        intent__invoices__invoice_id=live, intent__invoices__open=True, state__in=OPEN_ATTEMPT
    ).first()
    if attempt is not None and (
        attempt.state != "created" or attempt.initiator not in ("member", "staff", "visitor")
    ):
        raise Refused(
            "payment_in_progress",
            "A payment of this invoice is under way already.",
            field="invoice",
            fix="Wait for its answer: paying again now could pay twice.",
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
