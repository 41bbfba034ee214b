"""Replay: after a restore the gateway is read through, and what the backup does not know is taken in (C.10; B-63).

Nothing is sent: what the backup believed open is asked about, what was collected, refunded or disputed since is rebuilt
and settled, and what was created and never confirmed is canceled, so that a late request finds nothing to confirm.
"""

from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial

from paidthru.actions.note_sweep import note_replay
from paidthru.actions.settle import settle
from paidthru.actions.settle_dispute import settle_dispute
from paidthru.actions.settle_refund import settle_refund
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import unannounced
from paidthru.organizations.models import Install
from paidthru.organizations.queries import database_now, installation
from paidthru.organizations.rules.freezing import LONGEST_SEND
from paidthru.payments.gateway import ATTEMPT, GatewayNotExecuted, IntentStatus
from paidthru.payments.models import Attempt, Dispute, PaymentIntent, Refund
from paidthru.payments.queries.sweeping import believed_open, declined_since, open_elsewhere
from paidthru.runs.desk import Desk
from paidthru.runs.sweep import KINDS, Sweep, SweepReport
from paidthru.runs.sweep_times import FULL, THROUGH, TRIED
from paidthru.timeline.operations import SCHEDULE, Actor

BEFORE = timedelta(
    days=2
)  # before the last thing that the backup knows: clocks differ, and answers come late
REUSED = timedelta(
    days=60
)  # so far back declined intents are asked about; an older one's money shows in the balance
_ASKED = ("submitted", "unknown", "pending")


def replay(desk: Desk, *, actor: Actor = SCHEDULE, last_invoice: int = 0) -> SweepReport:
    """Reads a live organization's gateway through after a restore, or after a person froze charging; may be repeated.

    `last_invoice` is the highest invoice number that was given out, where a person knows it; those that the gateway's
    objects name are found by themselves. The report's `counts` says whether charging may go on as far as this
    organization goes: it was read to its end, and not too early. Refused: `not_frozen`, `gateway_not_connected`, and
    `nothing_to_replay` for a sandbox.
    """
    organization, gateway = desk.organization, desk.gateway
    row = installation()
    if organization.is_sandbox:
        raise Refused(
            "nothing_to_replay",
            f"{organization.name} is a sandbox: its processor lies in the same database, and was restored along.",
            fix="Name a live organization, or none: then every live one is replayed.",
        )
    if row is None or row.frozen_at is None:
        raise Refused(
            "not_frozen",
            "Charging is not frozen, so nothing has to be replayed.",
            fix="To look for differences now, run `paidthru sweep`; to be safe, `paidthru freeze` first.",
        )
    if (elsewhere := open_elsewhere(organization.id, gateway.name)) > 0:
        raise Refused(
            "gateway_not_connected",
            f"{elsewhere} payments wait for an answer of a processor that isn't connected.",
            fix="Connect the processor's account again, then replay.",
        )
    began, now = database_now(), desk.clock.now()
    reading = Sweep(desk, _since(row, now), actor=actor, replaying=True, lost_since=row.known_until)
    # What was lost in a restore had been told by mail before: nobody gets a second receipt.
    with unannounced() if row.known_until is not None else nullcontext():
        try:
            _ask_about_open(reading)
        except (
            GatewayNotExecuted
        ) as error:  # the account itself is refused: nobody answers what is asked next either
            reading.report.stopped.append(f"open questions: {error.message}")
        report = reading.run(thorough=True)
    report.counts = report.complete and began >= row.frozen_at + LONGEST_SEND
    marks = {f"sweep {kind}": reached for kind, reached in report.reached.items()}
    if report.complete:
        marks |= {TRIED: now, THROUGH: now}
    report.lost_numbers = note_replay(
        organization,
        began=began if report.complete else None,
        marks=marks,
        last_invoice=max(last_invoice, report.last_number),
        facts=report.facts(),
        actor=actor,
        now=now,
    )
    return report


def _since(row: Install, now: datetime) -> dict[str, datetime]:
    """From when on the gateway is read: from shortly before the last thing that the database knows."""
    since = row.known_until - BEFORE if row.known_until is not None else now - FULL
    return dict.fromkeys(KINDS, since)


def _ask_about_open(reading: Sweep) -> None:
    """Asks the gateway about everything of which the database believes that it has no end yet, also what was begun long
    before the backup; what is listed next comes on top."""
    desk = reading.desk
    for attempt in believed_open(desk.organization.id, desk.gateway.name):
        reading.guarded("intents", str(attempt.id), attempt.created_at, partial(_attempt, reading, attempt))
    used_until = desk.clock.now() - REUSED
    for intent in declined_since(desk.organization.id, desk.gateway.name, used_until):
        reading.guarded(
            "intents", intent.gateway_ref or "", intent.created_at, partial(_declined, reading, intent)
        )
    refunds = Refund.objects.filter(organization=desk.organization, via="gateway", state__in=_ASKED)
    for refund in refunds.select_related("payment__attempt__intent").order_by("id"):
        reading.guarded("refunds", str(refund.id), refund.requested_at, partial(_refund, reading, refund))
    disputes = Dispute.objects.filter(organization=desk.organization, gateway=desk.gateway.name, state="open")
    for dispute in disputes.order_by("id"):
        reading.guarded(
            "disputes", dispute.gateway_ref, dispute.opened_at, partial(_dispute, reading, dispute)
        )


def _attempt(reading: Sweep, attempt: Attempt) -> None:
    assert attempt.intent.gateway_ref is not None
    found = reading.desk.gateway.fetch_intent(attempt.intent.gateway_ref)
    if attempt.state == "created" and found.metadata.get(ATTEMPT) != str(attempt.id):
        return  # it waits to be sent, and what the gateway tells is of an earlier one
    if attempt.state == "needs_review":
        if found.status is IntentStatus.SUCCEEDED:
            reading.report.tell(
                "intent", found.ref, "The processor says succeeded; it waits for a person's review."
            )
        return
    settled = reading.again(
        partial(
            settle,
            reading.desk.organization,
            attempt.id,
            found,
            actor=reading.actor,
            now=reading.desk.clock.now(),
        )
    )
    reading.report.settled += settled.state != attempt.state


def _declined(reading: Sweep, intent: PaymentIntent) -> None:
    """A declined intent is confirmed anew by the next try, also long after it was made: that try may be lost."""
    assert intent.gateway_ref is not None
    reading.intents([reading.desk.gateway.fetch_intent(intent.gateway_ref)])


def _refund(reading: Sweep, refund: Refund) -> None:
    """A refund that was sent is looked up by its reference, or among those of its payment; never sent."""
    desk = reading.desk
    if refund.gateway_ref is not None:
        answers = [desk.gateway.fetch_refund(refund.gateway_ref)]
    else:
        intent = refund.payment.attempt.intent if refund.payment.attempt is not None else None
        ref = intent.gateway_ref if intent is not None else None
        answers = desk.gateway.refunds_of(ref) if ref is not None else []
    for answer in answers:
        settled = reading.again(
            partial(
                settle_refund,
                desk.organization,
                answer,
                refund_id=None,
                actor=reading.actor,
                now=desk.clock.now(),
            )
        )
        reading.report.settled += settled.refund_id == refund.id and settled.state != refund.state


def _dispute(reading: Sweep, dispute: Dispute) -> None:
    answer = reading.desk.gateway.fetch_dispute(dispute.gateway_ref)
    settled = reading.again(
        partial(
            settle_dispute,
            reading.desk.organization,
            answer,
            actor=reading.actor,
            now=reading.desk.clock.now(),
        )
    )
    reading.report.settled += settled.changed
