"""Several at once: workers over the same attempts, staff who press together, a check beside a charge (B-10 to B-22)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from tests.collecting import Collection, billed, lease_ends, meddled
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.charge import Claim, bind, claim, claim_fence, send
from paidthru.actions.record_payment import record_payment
from paidthru.actions.settle import settle
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.payments.gateway import ATTEMPT, Confirmation, GatewayIntent
from paidthru.payments.models import Attempt, IntentInvoice, Payment, PaymentIntent
from paidthru.payments.queries import credit_of
from paidthru.timeline.operations import again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)


def together(acts: Sequence[Callable[[], object]], *, at_most: int = 12) -> list[object]:
    """Does all of it, so many at a time, each with a connection of its own; the first ones start at the same moment."""
    width = min(at_most, len(acts))
    gate = Barrier(width)

    def run(place: int, act: Callable[[], object]) -> object:
        try:
            if place < width:
                connection.ensure_connection()
                gate.wait(timeout=30)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(run, range(len(acts)), acts))


def check_of(found: Collection, name: str, amount_minor: int = 10_000, key: str | None = None) -> Payment:
    return record_payment(
        found.world.organization, found.party(name), amount_minor=amount_minor, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(), key=key,
    )  # fmt: skip


def test_fifty_who_open_an_attempt_get_one_b13() -> None:
    found = billed("Ann")
    opened = together([partial(found.open, "Ann")] * 50)
    assert len({attempt.id for attempt in opened if isinstance(attempt, Attempt)}) == 1
    assert (Attempt.objects.count(), IntentInvoice.objects.count()) == (1, 1)
    found.check()


def test_workers_over_the_same_attempts_send_each_once_b11() -> None:
    names = [f"M{n:02}" for n in range(60)]
    found = billed(*names)
    gateway = meddled(found)
    assert found.submit().submitted == 60
    answered = together([partial(runs.collect_unsent, found.desk)] * 3)
    assert sum(n for n in answered if isinstance(n, int)) == 60
    confirmed = [key for key in gateway.keys if key.startswith("att:")]
    assert len(confirmed) == len(set(confirmed)) == 60  # none was even sent twice
    assert (found.charged(), Payment.objects.count()) == (60, 60)
    assert list(Payment.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 61))
    found.check()


def test_one_answer_told_twenty_times_at_once_is_one_payment_b51_b53() -> None:
    found = billed("Ann")
    found.submit()
    held = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held is not None
    answer = send(held, found.desk.gateway)
    assert isinstance(answer, GatewayIntent)
    tell = partial(
        settle, found.world.organization, held.attempt_id, answer, actor=STAFF, now=found.desk.clock.now()
    )
    together([tell] * 20)
    assert (Payment.objects.count(), found.states("Ann")) == (1, ["succeeded"])
    assert Journal.objects.filter(source_kind="payment").count() == 1
    assert found.events("Ann") == ["payment_submitted", "payment_received"]
    found.check()


def test_submit_pressed_twice_at_once_is_one_submission_b12_i43() -> None:
    found = billed(*[f"M{n:02}" for n in range(20)])
    done = together([found.submit] * 4)
    assert sum(one.submitted for one in done if isinstance(one, runs.Submission)) == 20
    assert Attempt.objects.count() == 20
    found.check()


def test_the_same_form_twice_at_once_is_one_payment() -> None:
    found = billed("Ann")
    paid = together([partial(check_of, found, "Ann", 2_500, "form 7")] * 8)
    assert len({payment.id for payment in paid if isinstance(payment, Payment)}) == 1
    assert found.invoice("Ann").balance_minor == 7_500
    found.check()


def test_checks_and_charges_at_once_never_pay_more_than_is_owed_b18() -> None:
    """Whichever comes first: both are kept, and what is beyond the invoice is credit."""
    names = [f"M{n}" for n in range(8)]
    found = billed(*names)
    found.submit()
    together(
        [partial(runs.collect_unsent, found.desk)] * 2
        + [partial(check_of, found, name, 6_000) for name in names]
    )
    found.collect()
    for name in names:
        paid = sum(payment.amount_minor for payment in found.payments(name))
        credit = credit_of(found.party(name)).get("USD", 0)
        assert (found.invoice(name).state, paid - credit) == ("paid", 10_000)
    found.check()


def test_two_checks_at_once_for_one_invoice() -> None:
    found = billed("Ann")
    together([partial(check_of, found, "Ann", 6_000)] * 6)
    assert found.invoice("Ann").state == "paid"
    assert credit_of(found.party("Ann")) == {"USD": 26_000}
    assert [payment.number for payment in found.payments("Ann")] == list(range(1, 7))
    found.check()


def test_the_member_pays_while_the_run_collects_b14() -> None:
    found = billed("Ann")

    def online() -> object:
        try:
            return runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
        except Refused as refused:
            return refused.code

    together([online, found.collect, online, found.collect])
    found.collect()
    assert (found.charged(), found.states("Ann"), found.invoice("Ann").state) == (1, ["succeeded"], "paid")
    found.check()


def test_a_late_success_and_a_retry_at_once_b28() -> None:
    """The money of the first attempt comes to light in the moment in which the second is opened."""
    names = [f"M{n}" for n in range(6)]
    found = billed(*names)
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.collect()
    acts: list[Callable[[], object]] = []
    organization, now = found.world.organization, found.desk.clock.now()
    for name in names:
        first = found.attempt(name)
        found.behave(name, "accept")
        anew = Confirmation(first.method.token, True, {ATTEMPT: str(first.id)})
        told = found.desk.gateway.confirm_intent(first.intent.gateway_ref or "", anew, key=f"late {first.id}")
        tell = partial(settle, organization, first.id, told, actor=STAFF, now=now)
        acts += [partial(again_on_conflict, tell), partial(again_on_conflict, partial(_opened, found, name))]
    together(acts)
    runs.collect_unsent(found.desk)
    found.advance(minutes=10)
    for name in names:
        assert len(found.payments(name)) == 1 and found.invoice(name).state == "paid"
        assert found.states(name) in (["succeeded"], ["succeeded", "canceled"])
    assert found.charged() == len(names)
    found.check()


def _opened(found: Collection, name: str) -> object:
    try:
        return found.open(name)
    except Refused as refused:
        return refused.code


def test_who_waited_while_its_attempt_was_closed_may_not_send_b6() -> None:
    """A worker that slept past its lease writes the gateway's id down in the moment in which another gives the attempt
    up (found by the simulation): what it waited for counts, not what it had read before."""
    found = billed("Ann")
    found.submit()
    held = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held is not None
    lease_ends(found.attempt("Ann"))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            claim_fence(held.attempt_id, now=found.desk.clock.now())
            waiting = pool.submit(_bound, held)
            while not _anybody_waits() and not waiting.done():
                pass
        assert waiting.result(timeout=30) == [False]
    assert found.states("Ann") == ["canceled"]
    assert PaymentIntent.objects.get().gateway_ref is None
    found.check()


def _bound(held: Claim) -> list[bool]:
    try:
        return bind([(held, "pi_too_late")])
    finally:
        connections.close_all()


def _anybody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction is shown its first answer again
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


def test_a_real_deadlock_is_run_again_b22() -> None:
    found = billed("Ann", "Bob")
    ids = [found.invoice("Ann").id, found.invoice("Bob").id]
    meet, tries = Barrier(2), list[Sequence[UUID]]()

    def lock(order: Sequence[UUID]) -> str:
        tries.append(order)
        with transaction.atomic():
            Invoice.objects.select_for_update().get(id=order[0])
            if len(tries) <= 2:
                meet.wait(timeout=30)
            Invoice.objects.select_for_update().get(id=order[1])
        return "done"

    done = together([
        partial(again_on_conflict, partial(lock, ids)), partial(again_on_conflict, partial(lock, ids[::-1])),
    ])  # fmt: skip
    assert done == ["done", "done"] and len(tries) == 3
