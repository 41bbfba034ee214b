"""What must be true at the end of every schedule: the gateway's own books against ours, and everything that holds at
every moment (`paidthru.invariants`)."""

from collections import Counter, defaultdict
from datetime import datetime
from functools import lru_cache

import psycopg
from django.db.models import Sum
from tests.simulation.play import Play
from tests.simulation.truth import Intent, Truth

from paidthru import invariants
from paidthru.ledger.models import Entry
from paidthru.ledger.rules.postings import CLEARING
from paidthru.payments.gateway import REFUND, DisputeStatus, IntentStatus, RefundStatus
from paidthru.payments.models import Attempt, Dispute, Payment, PaymentIntent, Refund, Stray
from paidthru.timeline.models import Event, InboxEvent

TOTAL = 10_000  # of every invoice, as the clubs are built


class Wrong(AssertionError):  # noqa: N818 - the verdict
    """Something that must never be."""


def judge(play: Play, monitor: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raises `Wrong` with all that is wrong."""
    found = [
        *_charged_twice(play),
        *_money(play),
        *_words(play),
        *_refunds(play),
        *_disputes(play),
        *_clearing(play),
        *_open_questions(play),
        *_invariants(play, monitor),
    ]
    if found:
        raise Wrong("\n".join(found))


def successes(truth: Truth) -> list[Intent]:
    """The intents that took money."""
    return [one for one in truth.intents.values() if one.charge_ref is not None]


def _charged_twice(play: Play) -> list[str]:
    """At most one success of a gateway for an invoice, as long as the first was not taken back (design, 5).

    Each charge is for all that is left of its invoice. Only where a check bounced, or a restore has lost it, the rest
    that was then open again is collected by a second charge, and both together are no more than the invoice.
    """
    by_invoice: dict[str, list[Intent]] = defaultdict(list)
    for intent in successes(play.truth):  # what followed a failed payment asks for the same as the first
        by_invoice[intent.metadata.get("firsts") or intent.metadata["invoices"]].append(intent)
    wrong = []
    for invoice, intents in by_invoice.items():
        intents.sort(key=lambda one: one.taken_at or play.clock.now())
        for place, later in enumerate(intents):
            lasting = [one for one in intents[:place] if _lasts(play.truth, one, later.taken_at)]
            together = sum(one.amount_minor for one in [*lasting, later])
            if lasting and (together > TOTAL or not (play.backup or play.reopened)):
                refs = ", ".join(one.ref for one in [*lasting, later])
                wrong.append(f"charged twice: {refs} for invoice {invoice}")
    return wrong


def _lasts(truth: Truth, intent: Intent, at: datetime | None) -> bool:
    """Whether the money of an intent was still ours at an instant."""
    gone = _gone_at(truth, intent)
    return gone is None or at is None or gone > at


def _gone_at(truth: Truth, intent: Intent) -> datetime | None:
    """When the money of an intent was taken back for good."""
    ends = [
        one.ended_at or one.at
        for one in truth.disputes.values()
        if one.intent is intent and one.status is DisputeStatus.LOST
    ]
    return min(ends, default=None)


def _money(play: Play) -> list[str]:
    """Each success is one payment of that amount, and there is no other."""
    taken = Counter((one.charge_ref, one.received_minor) for one in successes(play.truth))
    rows = Payment.objects.filter(organization=play.organization, gateway=play.gateway.name)
    kept = Counter(rows.values_list("gateway_ref", "amount_minor"))
    return [
        f"charge {ref} of {amount}: {taken[ref, amount]} at the gateway, {kept[ref, amount]} here"
        for ref, amount in sorted({*taken, *kept}, key=str)
        if taken[ref, amount] != kept[ref, amount]
    ]


def _words(play: Play) -> list[str]:
    """Nobody was told of a refusal that never was, nothing is closed here that is still open there, and nothing was
    sent again as if it were something else."""
    told = Event.objects.filter(organization=play.organization, verb="payment_declined")
    closed = PaymentIntent.objects.filter(
        organization=play.organization, state="closed", gateway_ref__isnull=False
    )
    ended = (IntentStatus.CANCELED, IntentStatus.SUCCEEDED)
    return [
        *(
            f"{id_} was sent under {len(keys)} keys"  # C.6: the same attempt, the same key
            for id_, keys in play.gateway.keys_of.items()
            if len(keys) > 1
        ),
        *(
            f"attempt {id_} was told to be declined, and no bank did"
            for id_ in told.values_list("subject_id", flat=True)
            if str(id_) not in play.truth.declined
        ),
        *(
            f"intent {ref} is closed here, and {play.truth.intents[ref].status} at the gateway"
            for ref in closed.values_list("gateway_ref", flat=True)
            if ref is not None and ref in play.truth.intents and play.truth.intents[ref].status not in ended
        ),
    ]


def _refunds(play: Play) -> list[str]:
    """Each refund at the gateway is one of ours, in the same state; none of ours was given twice."""
    theirs = {ref: (one.amount_minor, one.status.value) for ref, one in play.truth.refunds.items()}
    rows = Refund.objects.filter(organization=play.organization, gateway_ref__isnull=False)
    ours = {
        str(ref): (amount, state)
        for ref, amount, state in rows.values_list("gateway_ref", "amount_minor", "state")
    }
    wrong = [
        f"refund {ref}: the gateway says {theirs.get(ref)}, we {ours.get(ref)}"
        for ref in sorted({*theirs, *ours}, key=str)
        if theirs.get(ref) != ours.get(ref)
    ]
    given: dict[str, list[str]] = defaultdict(list)
    for one in play.truth.refunds.values():
        if REFUND in one.metadata and one.status is not RefundStatus.FAILED:
            given[one.metadata[REFUND]].append(one.ref)
    return wrong + [
        f"refunded twice: {refs} for refund {id_}" for id_, refs in given.items() if len(refs) > 1
    ]


def _disputes(play: Play) -> list[str]:
    """Each dispute and return at the gateway is one of ours, and stands as it does there."""
    theirs = {ref: (one.amount_minor, one.status.value) for ref, one in play.truth.disputes.items()}
    rows = Dispute.objects.filter(organization=play.organization)
    ours = {
        ref: (amount, state)
        for ref, amount, state in rows.values_list("gateway_ref", "amount_minor", "state")
    }
    return [
        f"dispute {ref}: the gateway says {theirs.get(ref)}, we {ours.get(ref)}"
        for ref in sorted({*theirs, *ours}, key=str)
        if theirs.get(ref) != ours.get(ref)
    ]


def _clearing(play: Play) -> list[str]:
    """What the gateway holds for us is what the books say that it holds, to the cent."""
    held = sum(line.amount_minor - line.fee_minor for line in play.truth.lines)
    booked = Entry.objects.filter(organization=play.organization, account__code=CLEARING).aggregate(
        sum=Sum("amount_minor")
    )["sum"]
    return [] if held == (booked or 0) else [f"the gateway holds {held}, the books say {booked}"]


OPEN = ("created", "submitted", "unknown", "processing", "needs_review")


def open_attempts(play: Play) -> list[Attempt]:
    """Questions without an answer. One that waits for the payer is no question of ours, as long as it really waits."""
    waiting = {
        one.metadata["intent"]
        for one in play.truth.intents.values()
        if one.status in (IntentStatus.REQUIRES_ACTION, IntentStatus.REQUIRES_PAYMENT_METHOD)
    }
    found = Attempt.objects.filter(organization=play.organization, state__in=[*OPEN, "requires_action"])
    return [one for one in found if one.state != "requires_action" or str(one.intent_id) not in waiting]


def open_refunds(play: Play) -> list[Refund]:
    """Refunds that have no end yet."""
    states = ("requested", "approved", "submitted", "unknown", "pending")
    return list(Refund.objects.filter(organization=play.organization, state__in=states))


def _open_questions(play: Play) -> list[str]:
    strays = Stray.objects.filter(organization=play.organization, state="open")
    events = InboxEvent.objects.filter(
        organization=play.organization, state="new", next_try_at__lte=play.clock.now()
    )
    return [
        *(f"attempt {one.id} is still {one.state} ({one.message})" for one in open_attempts(play)),
        *(f"refund {one.id} is still {one.state} ({one.message})" for one in open_refunds(play)),
        *(f"{one.kind} {one.gateway_ref} is nobody's: {one.why}" for one in strays),
        *(f"event {one.kind} {one.object_ref} is {one.state}: {one.last_error}" for one in events),
    ]


@lru_cache
def _questions() -> tuple[tuple[str, str], ...]:
    """The invariants' queries, written so that the database plans each once."""
    return tuple(
        (one.name, f"SELECT count(*) FROM ({one.sql}) AS found (subject, what)") for one in invariants.ALL
    )


def _invariants(play: Play, monitor: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """All of `paidthru.invariants.check`; asked first in a cheaper way whether anything is wrong at all."""
    about = {"organization": play.organization.id}
    for (_, query), invariant in zip(_questions(), invariants.ALL, strict=True):
        if invariant.needs and not monitor.execute("SELECT to_regclass(%s)", [invariant.needs]).fetchone():
            continue
        row = monitor.execute(query.encode(), about, prepare=True).fetchone()
        if row is None or row[0]:
            return [
                f"{one.invariant}: {one.subject}: {one.what}"
                for one in invariants.check(play.organization.id)
            ]
    return []
