"""When nothing is sent: a gate is shut, the account is refused, nobody answers; and how it goes on (B-30, B-31, B-62 to
B-66). No attempt is ever marked failed for any of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.actions.test_collection_faults import raises, settled_once
from tests.collecting import Collection, billed, meddled
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.charge import claim
from paidthru.actions.reopen_gateway import reopen_gateway
from paidthru.kernel.clock import FixedClock, SystemClock
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Install, Organization
from paidthru.payments.gateway import GatewayNotExecuted, GatewayUnknown, IntentRequest
from paidthru.payments.models import Attempt, Throttle
from paidthru.payments.operations.throttle import take_turns
from paidthru.payments.queries.gates import CLOCKS_WITHIN, refuse_unsafe
from paidthru.payments.rules.throttle import PAUSES, SILENT_IN_A_ROW
from paidthru.runs.throttling import Throttled
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def told(found: Collection) -> list[tuple[str, str]]:
    events = Event.objects.filter(verb__startswith="sending_").order_by("id")
    return [(event.verb, event.facts.get("code", "")) for event in events]


def in_earnest(found: Collection) -> None:
    """The organization is live from now on, on the machine's clock."""
    Organization.objects.update(mode="live", sandbox_now=None)
    found.world.organization.refresh_from_db()
    found.world.desk = replace(found.world.desk, clock=SystemClock())


def freeze() -> None:
    Install.objects.update_or_create(
        one=True,
        defaults={
            "fingerprint": "00000000-0000-7000-8000-000000000001",
            "epoch": 1,
            "frozen_at": datetime(2026, 1, 1, tzinfo=UTC),
            "frozen_why": "This database was restored from a backup.",
        },
    )


def test_a_frozen_installation_sends_nothing_and_says_why_b63() -> None:
    found = billed("Ann", "Bob")
    found.submit()
    gateway = meddled(found)
    freeze()
    in_earnest(found)
    assert runs.collect_unsent(found.desk) == 0
    paused = runs.sending_paused(found.desk)
    assert paused is not None and paused.code == "billing_frozen"
    assert "restored from a backup" in paused.why
    assert runs.collect_unsent(found.desk) == 0
    assert told(found) == [("sending_paused", "billing_frozen")]  # told once
    assert (gateway.keys, {one.state for one in Attempt.objects.all()}) == ([], {"created"})
    with pytest.raises(Refused) as refused:
        claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert refused.value.code == "billing_frozen"
    with pytest.raises(Refused) as refused:
        runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
    Install.objects.update(frozen_at=None, frozen_why="")
    reopen_gateway(found.world.organization, "sandbox", actor=STAFF, now=found.desk.clock.now())
    assert told(found)[1:] == [("sending_resumed", "")]


def test_a_sandbox_is_not_held_by_the_freeze_of_others() -> None:
    found = billed("Ann")
    freeze()
    found.collect()
    settled_once(found)


@pytest.mark.parametrize("off", [CLOCKS_WITHIN + timedelta(seconds=5), -CLOCKS_WITHIN - timedelta(seconds=5)])
def test_a_clock_that_differs_from_the_databases_sends_nothing_b66(off: timedelta) -> None:
    found = billed("Ann")
    found.submit()
    gateway = meddled(found)
    in_earnest(found)
    found.world.desk = replace(found.desk, clock=FixedClock(SystemClock().now() + off))
    assert runs.collect_unsent(found.desk) == 0
    paused = runs.sending_paused(found.desk)
    assert paused is not None and paused.code == "clock_differs"
    assert (gateway.keys, found.attempt("Ann").state) == ([], "created")
    refuse_unsafe(live=True, livemode=False, now=SystemClock().now())
    refuse_unsafe(live=False, livemode=False, now=found.desk.clock.now())


def test_a_refused_account_is_tried_again_with_one_payment_b31() -> None:
    found = billed(*[f"M{n:02}" for n in range(5)])
    gateway = meddled(found)
    revoked = raises(GatewayNotExecuted("The key was revoked.", opens_circuit=True, code="api_key_revoked"))
    gateway.create = revoked
    found.collect()
    assert len(gateway.keys) == 1 and told(found) == [("sending_paused", "account_refused")]
    paused = runs.sending_paused(found.desk)
    assert paused is not None and "The key was revoked." in paused.why
    assert not Attempt.objects.filter(decline_code__gt="").exists()
    for pause in PAUSES[:2]:
        found.move(seconds=pause.seconds - 1)
        assert runs.collect_unsent(found.desk) == 0
        before = len(gateway.keys)
        found.move(seconds=2)
        runs.collect_unsent(found.desk)
        assert len(gateway.keys) == before + 1  # one probe
    assert told(found) == [("sending_paused", "account_refused")]
    gateway.create = lambda call: call()
    found.move(seconds=PAUSES[2].seconds + 1)
    runs.collect_unsent(found.desk)
    assert told(found) == [("sending_paused", "account_refused"), ("sending_resumed", "")]
    found.advance(minutes=5)
    assert {one.state for one in Attempt.objects.all()} == {"succeeded"} and found.charged() == 5
    assert Throttle.objects.get().failures == 0
    found.check()


def test_a_person_reopens_what_is_mended() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.create = raises(GatewayNotExecuted("Revoked.", opens_circuit=True))
    found.collect()
    with pytest.raises(Refused) as refused:
        runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
    assert refused.value.code in ("payment_in_progress", "sending_paused")
    gateway.create = lambda call: call()
    organization, now = found.world.organization, found.desk.clock.now()
    reopen_gateway(organization, "sandbox", actor=STAFF, now=now)
    with pytest.raises(Refused) as refused:
        reopen_gateway(organization, "sandbox", actor=STAFF, now=now)
    assert refused.value.code == "not_paused"
    found.advance(minutes=2)
    settled_once(found)
    assert Event.objects.get(verb="sending_resumed").actor == STAFF.name


def test_a_probe_for_which_there_is_nothing_is_given_back() -> None:
    found = billed("Ann", "Bob")
    gateway = meddled(found)
    gateway.create = raises(GatewayNotExecuted("Revoked.", opens_circuit=True))
    found.collect()
    found.move(minutes=2)
    Attempt.objects.update(state="canceled", lease_token=None)
    assert runs.collect_unsent(found.desk) == 0
    now = found.desk.clock.now()
    turn = take_turns(found.world.organization.id, "sandbox", 0, 5, now=now)
    assert turn.probe and len(turn.waits) == 1
    assert (
        take_turns(found.world.organization.id, "sandbox", 0, 5, now=now).closed is not None
    )  # one at a time


def test_when_nobody_answers_for_long_nothing_more_is_sent() -> None:
    found = billed(*[f"M{n:02}" for n in range(SILENT_IN_A_ROW + 8)])
    gateway = meddled(found)
    gateway.create = raises(GatewayUnknown("timeout"))
    found.collect()
    assert len(gateway.keys) == SILENT_IN_A_ROW
    states = [one.state for one in Attempt.objects.order_by("id")]
    assert states == ["unknown"] * SILENT_IN_A_ROW + ["submitted"] * 8
    assert told(found) == [("sending_paused", "no_answers")]
    gateway.create = lambda call: call()
    found.advance(hours=1)
    assert {one.state for one in Attempt.objects.all()} == {"succeeded"}
    found.check()


def test_silence_now_and_then_stops_nothing() -> None:
    found = billed(*[f"M{n:02}" for n in range(30)])
    gateway, calls = meddled(found), iter(range(1000))

    def now_and_then(call: object) -> object:
        if next(calls) % 3 == 0:
            raise GatewayUnknown("timeout")
        return call()  # type: ignore[operator]

    gateway.create = now_and_then  # type: ignore[assignment]
    found.collect()
    assert told(found) == [] and len(gateway.keys) > 30


def test_a_limit_is_shared_by_all_who_ask() -> None:
    found = billed("Ann")
    id_, now = found.world.organization.id, found.desk.clock.now()
    first = take_turns(id_, "slow", 10, 100, now=now)
    assert 1 < len(first.waits) < 10
    second = take_turns(id_, "slow", 10, 100, now=now)
    assert len(second.waits) <= 1 and second.closed is None
    assert Throttle.objects.filter(gateway="slow").count() == 1
    assert take_turns(id_, "sandbox", 0, 7, now=now).waits == (timedelta(0),) * 7
    assert not Throttle.objects.filter(gateway="sandbox").exists()  # no limit, no row


def test_the_answer_to_what_was_asked_before_does_not_end_the_pause() -> None:
    found = billed("Ann", "Bob")
    throttled = Throttled(found.desk)
    throttled.heed(GatewayNotExecuted("Revoked.", opens_circuit=True))
    found.behave("Ann", "accept")
    organization = found.world.organization
    found.submit(name_contains="Ann")
    assert runs.collect_unsent(found.desk) == 0
    answer = found.desk.gateway.create_intent(IntentRequest(1, "USD", "x"), key="k")
    throttled.heed(answer)
    assert runs.sending_paused(found.desk) is not None
    throttled.heed(answer, probe=True)
    assert runs.sending_paused(found.desk) is None
    assert Throttle.objects.get(organization=organization).failures == 0
