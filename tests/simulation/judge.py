"""What must be true at the end of every schedule: the gateway's own books against ours, and everything that holds at
every moment (`paidthru.invariants`)."""

from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import psycopg
from tests.simulation.play import Play
from tests.simulation.truth import Intent, Truth

from paidthru import invariants
from paidthru.payments.gateway import DisputeStatus, IntentStatus
from paidthru.payments.models import Attempt, IntentInvoice, Payment


class Wrong(AssertionError):
    """Something that must never be."""


def judge(play: Play, monitor: psycopg.Connection[tuple[object, ...]]) -> None:
    """Raises `Wrong` with all that is wrong."""
    found = [*_charged_twice(play), *_money(play), *_open_questions(play), *_invariants(play, monitor)]
    if found:
        raise Wrong("\n".join(found))


def successes(truth: Truth) -> list[Intent]:
    """The intents that took money."""
    return [one for one in truth.intents.values() if one.charge_ref is not None]


def _charged_twice(play: Play) -> list[str]:
    """At most one success of a gateway for an invoice, as long as the first was not taken back (design, 5)."""
    owner = {
        str(intent_id): invoice_id
        for intent_id, invoice_id in IntentInvoice.objects.filter(organization=play.organization).values_list(
            "intent_id", "invoice_id"
        )
    }
    by_invoice: dict[UUID | str, list[Intent]] = defaultdict(list)
    for intent in successes(play.truth):
        by_invoice[owner.get(intent.metadata["intent"], intent.customer_ref)].append(intent)
    wrong = []
    for invoice, intents in by_invoice.items():
        intents.sort(key=lambda one: one.taken_at or play.clock.now())
        for earlier, later in zip(intents, intents[1:], strict=False):
            gone = _gone_at(play.truth, earlier)
            if gone is None or later.taken_at is None or gone > later.taken_at:
                wrong.append(f"charged twice: {earlier.ref} and {later.ref} for invoice {invoice}")
    return wrong


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
    taken = {one.charge_ref: one.received_minor for one in successes(play.truth)}
    kept = dict(
        Payment.objects.filter(organization=play.organization, gateway=play.gateway.name).values_list(
            "gateway_ref", "amount_minor"
        )
    )
    return [
        f"charge {ref}: the gateway took {taken.get(ref)}, we have a payment of {kept.get(ref)}"
        for ref in sorted({*taken, *kept}, key=str)
        if taken.get(ref) != kept.get(ref)
    ]


OPEN = ("created", "submitted", "unknown", "processing", "needs_review")


def open_attempts(play: Play) -> list[Attempt]:
    """Questions without an answer. One that waits for the payer is no question of ours, as long as it really waits."""
    waiting = {
        one.metadata["intent"]
        for one in play.truth.intents.values()
        if one.status in (IntentStatus.REQUIRES_ACTION, IntentStatus.REQUIRES_PAYMENT_METHOD)
    }
    found = Attempt.objects.filter(organization=play.organization, state__in=[*OPEN, "requires_action"])
    return [
        one for one in found if one.state != "requires_action" or str(one.intent_id) not in waiting
    ]


def _open_questions(play: Play) -> list[str]:
    return [
        f"attempt {one.id} is still {one.state} ({one.message})" for one in open_attempts(play)
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
                f"{one.invariant}: {one.subject}: {one.what}" for one in invariants.check(play.organization.id)
            ]
    return []
