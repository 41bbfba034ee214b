"""Sends that overlap: many on their way at once from one process, each outcome written once, whatever goes wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier, Event, Lock

import pytest
from django.db import connection
from tests.actions.test_collection_races import together
from tests.collecting import Collection, billed

from paidthru import runs
from paidthru.actions.settle import Answered, settle, settle_all
from paidthru.kernel.clock import SystemClock, seconds_running
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    GatewayIntent,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
)
from paidthru.payments.models import Attempt, Payment, PaymentIntent, PaymentMethod, Throttle
from paidthru.runs import overlapping
from paidthru.runs.throttling import Throttled
from paidthru.timeline.models import Event as Told

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Threaded:
    """A gateway in memory that many threads ask at once, and that does not touch the database."""

    width: int = 8
    per_second: int = 0
    name: str = "threaded"
    before: Callable[[str], None] = lambda call: None
    intents: dict[str, GatewayIntent] = field(default_factory=dict)
    replies: dict[str, GatewayIntent] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    most: int = 0
    _at_once: int = 0
    _lock: Lock = field(default_factory=Lock)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            two_step=True, fence=True, lookup="consistent", max_in_flight=self.width, online=True,
            per_second=self.per_second,
        )  # fmt: skip

    @contextmanager
    def _asked(self, call: str) -> Iterator[None]:
        assert threading.current_thread() is not threading.main_thread()
        with self._lock:
            self._at_once += 1
            self.most = max(self.most, self._at_once)
            self.calls.append(call)
        try:
            self.before(call)
            with self._lock:
                yield
        finally:
            with self._lock:
                self._at_once -= 1

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        with self._asked("create"):
            if key not in self.replies:
                ref = f"pi_{len(self.intents)}"
                self.intents[ref] = self.replies[key] = GatewayIntent(
                    ref, IntentStatus.REQUIRES_CONFIRMATION, request.amount_minor, 0, request.currency,
                    request.customer_ref, False, datetime.now(UTC), metadata=dict(request.metadata),
                )  # fmt: skip
            return self.replies[key]

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        with self._asked("confirm"):
            if key not in self.replies:
                intent = self.intents[ref]
                if intent.status is not IntentStatus.REQUIRES_CONFIRMATION:
                    raise GatewayRejected("It is done.", code=UNEXPECTED_STATE)
                metadata = {**intent.metadata, **confirmation.metadata}
                self.intents[ref] = self.replies[key] = replace(
                    intent, status=IntentStatus.SUCCEEDED, received_minor=intent.amount_minor,
                    charge_ref=f"ch_{ref}", metadata=metadata,
                )  # fmt: skip
            return self.replies[key]

    def fetch_intent(self, ref: str) -> GatewayIntent:
        return self.intents[ref]

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        self.intents[ref] = replace(self.intents[ref], status=IntentStatus.CANCELED)
        return self.intents[ref]

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        return iter(one for one in list(self.intents.values()) if one.created_at >= since)

    def __getattr__(self, name: str) -> Callable[[datetime], Iterator[object]]:
        if name not in ("list_refunds", "list_disputes", "list_balance"):
            raise AttributeError(name)
        return lambda since: iter(())

    def charged(self) -> int:
        return sum(1 for one in self.intents.values() if one.status is IntentStatus.SUCCEEDED)


def live(members: int, gateway: Threaded) -> Collection:
    """A live organization whose members pay by the gateway, and whose invoices wait to be sent."""
    found = billed(*[f"M{n:02}" for n in range(members)])
    PaymentMethod.objects.update(gateway=gateway.name)
    found.submit()
    Organization.objects.update(mode="live", sandbox_now=None)
    found.world.organization.refresh_from_db()
    found.world.desk = replace(found.world.desk, clock=SystemClock(), gateway=gateway)  # type: ignore[arg-type]
    return found


def whole(found: Collection, gateway: Threaded, payments: int) -> None:
    assert (Payment.objects.count(), gateway.charged()) == (payments, payments)
    assert not Attempt.objects.filter(lease_token__isnull=False).exists()
    found.check()


def test_sends_overlap_as_far_as_the_gateway_allows_and_each_is_settled_once() -> None:
    gateway = Threaded(width=4)
    meet = Barrier(4)

    def all_four(call: str) -> None:
        if call == "create" and len(gateway.calls) <= 4:
            meet.wait(timeout=20)  # so many are on their way at the same moment

    gateway.before = all_four
    found = live(30, gateway)
    assert runs.collect_unsent(found.desk) == 30
    assert gateway.most == 4
    assert sorted(gateway.calls) == ["confirm"] * 30 + ["create"] * 30
    whole(found, gateway, 30)


def test_inside_a_transaction_and_at_a_gateway_of_width_one_it_goes_one_by_one() -> None:
    gateway = Threaded(width=1)
    found = live(3, gateway)
    with pytest.raises(AssertionError):  # it is asked by this very thread
        gateway.create_intent(IntentRequest(1, "USD", "x"), key="k")
    runs.collect_unsent(found.desk)
    assert {one.state for one in Attempt.objects.all()} == {"unknown"}


def test_two_passes_at_once_send_each_once_b11() -> None:
    gateway = Threaded()
    found = live(40, gateway)
    answered = together([partial(runs.collect_unsent, found.desk)] * 2)
    assert sum(n for n in answered if isinstance(n, int)) == 40
    assert sorted(gateway.calls) == ["confirm"] * 40 + ["create"] * 40
    assert gateway.most <= 8  # the width is the process's
    whole(found, gateway, 40)


def test_told_to_stop_it_finishes_what_is_in_flight_and_gives_back_the_rest_b8() -> None:
    gateway, asked = Threaded(width=3, per_second=50), Event()

    def begun(call: str) -> None:
        if call == "confirm":
            asked.set()

    gateway.before = begun
    found = live(30, gateway)
    answered = runs.collect_unsent(found.desk, stop=asked.is_set)
    assert 0 < answered < 30
    assert answered == gateway.charged() == Payment.objects.count()
    assert set(Attempt.objects.values_list("state", flat=True)) <= {"succeeded", "submitted", "created"}
    assert not Attempt.objects.filter(lease_token__isnull=False).exists()
    gateway.before = lambda call: None
    assert runs.collect_unsent(found.desk) == 30 - answered
    whole(found, gateway, 30)


def test_a_refused_account_stops_it_and_nothing_is_declined_b31() -> None:
    gateway = Threaded(width=3)

    def revoked(call: str) -> None:
        raise GatewayNotExecuted("The key was revoked.", opens_circuit=True)

    gateway.before = revoked
    found = live(30, gateway)
    runs.collect_unsent(found.desk)
    assert len(gateway.calls) <= 2 * gateway.width + overlapping.CLAIMED  # what was on its way
    assert set(Attempt.objects.values_list("state", flat=True)) <= {"created", "submitted"}
    assert Told.objects.filter(verb="sending_paused").count() == 1
    assert runs.collect_unsent(found.desk) == 0


def test_a_call_that_is_turned_away_is_made_again_and_is_no_attempt_b30() -> None:
    gateway = Threaded(width=3)
    left = iter([True] * 4)

    def busy(call: str) -> None:
        if next(left, False):
            raise GatewayNotExecuted("Too many requests.")

    gateway.before = busy
    found = live(6, gateway)
    runs.collect_unsent(found.desk)
    assert Attempt.objects.count() == 6 and len(gateway.calls) == 16
    whole(found, gateway, 6)


def test_a_pause_that_the_gateway_asks_for_is_waited_out() -> None:
    gateway = Threaded(width=3)
    left = iter([True])

    def busy(call: str) -> None:
        if next(left, False):
            raise GatewayNotExecuted("Too many requests.", retry_after=timedelta(milliseconds=300))

    gateway.before = busy
    found = live(6, gateway)
    runs.collect_unsent(found.desk)
    assert {one.state for one in Attempt.objects.all()} == {"succeeded"}
    assert not Told.objects.filter(verb="sending_paused").exists()
    whole(found, gateway, 6)


def test_silence_is_unknown_and_looked_up_b26_b29() -> None:
    gateway = Threaded(width=3)
    left = iter([False, False, True])

    def silent(call: str) -> None:
        if call == "confirm" and next(left, False):
            raise GatewayUnknown("reset")

    gateway.before = silent
    found = live(6, gateway)
    assert runs.collect_unsent(found.desk) == 6
    assert Attempt.objects.filter(state="unknown").count() == 1
    gateway.before = lambda call: None
    (unknown,) = Attempt.objects.filter(state="unknown")
    in_thread(partial(runs.look, found.desk, unknown.id))
    whole(found, gateway, 6)


def in_thread(act: Callable[[], object]) -> None:
    together([act], at_most=1)


def test_an_adapter_that_breaks_is_an_answer_that_never_came() -> None:
    gateway = Threaded(width=3)

    def broken(call: str) -> None:
        raise ZeroDivisionError

    gateway.before = broken
    found = live(2, gateway)
    runs.collect_unsent(found.desk)
    assert {one.state for one in Attempt.objects.all()} == {"unknown"}


def test_an_id_that_the_gateway_gives_twice_is_for_a_person_and_holds_nobody_up() -> None:
    gateway = Threaded(width=3)
    found = live(4, gateway)
    first = PaymentIntent.objects.order_by("created_at", "id")[0]
    PaymentIntent.objects.filter(id=first.id).update(gateway_ref="pi_2")  # so the gateway will give it again
    Attempt.objects.filter(intent=first).update(state="unknown")
    runs.collect_unsent(found.desk)
    states = sorted(Attempt.objects.values_list("state", flat=True))
    assert states == ["needs_review", "succeeded", "succeeded", "unknown"]


def test_one_that_can_not_be_settled_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Threaded(width=4)
    found = live(8, gateway)
    bad = Attempt.objects.order_by("id")[3]
    real_all, real = settle_all, settle

    def all_but_one(organization: object, answers: list[Answered], **about: object) -> object:
        if any(one.attempt_id == bad.id for one in answers):
            raise ValueError("it can't be written")
        return real_all(organization, answers, **about)  # type: ignore[arg-type]

    def but_one(organization: object, attempt_id: object, *args: object, **about: object) -> object:
        if attempt_id == bad.id:
            raise ValueError("it can't be written")
        return real(organization, attempt_id, *args, **about)  # type: ignore[arg-type]

    monkeypatch.setattr("paidthru.runs.overlapping.settle_all", all_but_one)
    monkeypatch.setattr("paidthru.runs.overlapping.settle", but_one)
    assert runs.collect_unsent(found.desk) == 7
    assert Payment.objects.count() == 7 and gateway.charged() == 8
    monkeypatch.undo()
    bad.refresh_from_db()
    assert (bad.state, bad.lease_token is not None) == ("submitted", True)
    in_thread(partial(runs.look, found.desk, bad.id))
    assert Payment.objects.count() == 8


def test_connections_are_closed_behind_it() -> None:
    gateway = Threaded()
    found = live(5, gateway)
    runs.collect_unsent(found.desk)
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with connection.cursor() as cursor:
        for _ in range(5_000):  # the server takes a moment to see them go
            cursor.execute(others)
            if cursor.fetchone() == (0,):
                break
        else:
            pytest.fail("a connection was left open")
    assert not [one for one in threading.enumerate() if one.name in ("bind", "settle", "aside")]


def test_a_limit_a_second_is_kept_and_used() -> None:
    gateway = Threaded(width=8, per_second=40)
    began: list[float] = []
    gateway.before = lambda call: began.append(seconds_running()) if call == "create" else None
    found = live(24, gateway)
    assert runs.collect_unsent(found.desk) == 24
    began.sort()
    assert began[-1] - began[0] > 23 / 40 * 0.95  # spaced, and not in a burst
    assert Throttle.objects.get().closed_code == ""
    whole(found, gateway, 24)


def test_a_probe_goes_out_alone() -> None:
    gateway = Threaded(width=4)
    found = live(6, gateway)
    Throttled(found.desk).heed(GatewayNotExecuted("Revoked.", opens_circuit=True))
    Throttle.objects.update(closed_until=datetime.now(UTC) - timedelta(seconds=1))
    first = Event()

    def alone(call: str) -> None:
        if not first.is_set():
            assert len(gateway.calls) <= 2  # its create and its confirm, and nobody else's
        if call == "confirm":
            first.set()

    gateway.before = alone
    assert runs.collect_unsent(found.desk) == 6
    assert Told.objects.filter(verb="sending_resumed").count() == 1
    whole(found, gateway, 6)
