"""Rules that another one covers as a rule, each shown by itself (field-notes C.11): a simulation that takes one of them
away sees nothing, so each has a test that does."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.actions.test_collection_faults import held, once, raises, settled_once
from tests.actions.test_collection_races import together
from tests.collecting import Collection, billed, lease_ends, meddled
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.charge import Claim, claim, give_back, open_attempt, send
from paidthru.actions.record_payment import record_payment
from paidthru.actions.settle import Answered, settle, settle_all
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.invoicing.models import Invoice
from paidthru.ledger.models import Journal
from paidthru.membership.models import Membership
from paidthru.payments.gateway import ATTEMPT, GatewayIntent, GatewayUnknown
from paidthru.payments.models import Attempt, IntentInvoice, Payment, PaymentIntent
from paidthru.payments.rules.settlement import classify
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def claimed(found: Collection, name: str = "Ann") -> Claim:
    got = claim(found.attempt(name).id, now=found.desk.clock.now())
    assert got is not None
    return got


def check(found: Collection, name: str = "Ann", amount_minor: int = 10_000) -> None:
    record_payment(
        found.world.organization, found.party(name), amount_minor=amount_minor, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip


def tell(found: Collection, attempt_id: object, answer: object, lease: object = None) -> str:
    return settle(
        found.world.organization, attempt_id, answer, actor=STAFF, now=found.desk.clock.now(), lease=lease,  # type: ignore[arg-type]
    ).state  # fmt: skip


# ------------------------------------------------------------ no re-check at claim


def test_what_was_paid_between_opening_and_claiming_is_not_sent_b18_b24() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.submit()
    check(found)
    assert runs.collect_unsent(found.desk) == 0
    assert (gateway.keys, found.states("Ann"), held(found)) == ([], ["canceled"], False)
    found.check()


def test_what_was_paid_in_part_is_opened_anew_over_the_rest_b24() -> None:
    found = billed("Ann")
    found.submit()
    check(found, amount_minor=4_000)
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (["canceled"], 0)  # 100.00 is not what is owed any more
    found.collect()
    assert [one.amount_minor for one in found.payments("Ann")] == [4_000, 6_000]
    found.check()


def test_who_left_autopay_before_the_send_is_not_charged_b17() -> None:
    found = billed("Ann")
    found.submit()
    membership = found.membership("Ann")
    switch_autopay(found.world.organization, membership.id, on=False, actor=STAFF, now=found.desk.clock.now())
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (["canceled"], 0)


# ------------------------------------------------------------ no lease token, no single driver


def test_only_one_drives_an_attempt_and_the_others_go_away() -> None:
    found = billed("Ann")
    found.submit()
    id_, now = found.attempt("Ann").id, found.desk.clock.now()
    got = [one for one in together([partial(claim, id_, now=now)] * 6) if one is not None]
    assert len(got) == 1


def test_a_worker_that_slept_past_its_lease_writes_no_id_and_sends_nothing_b6() -> None:
    """It is suspended after the gateway made an intent for it; another one makes and binds its own."""
    found = billed("Ann")
    gateway = meddled(found)
    found.submit()
    slept = claimed(found)
    other: list[object] = []

    def suspended(call: object) -> GatewayIntent:
        made: GatewayIntent = call()  # type: ignore[operator]
        gateway.create = lambda call: call()
        lease_ends(found.attempt("Ann"))
        found.move(hours=25)  # its key is forgotten, too
        other.append(send(claimed(found), found.desk.gateway))
        return made

    gateway.create = suspended
    assert send(slept, found.desk.gateway) is None
    (answer,) = other
    assert isinstance(answer, GatewayIntent)
    assert PaymentIntent.objects.get().gateway_ref == answer.ref
    assert tell(found, slept.attempt_id, answer) == "succeeded"
    settled_once(found)


def test_a_settle_under_a_lease_that_is_somebody_elses_keeps_that_one() -> None:
    found = billed("Ann")
    meddled(found).confirm = once(GatewayUnknown("timeout"))
    found.submit()
    first = claimed(found)
    lease_ends(found.attempt("Ann"))
    second = claimed(found)
    assert tell(found, first.attempt_id, GatewayUnknown("late"), first.lease) == "unknown"
    attempt = found.attempt("Ann")
    assert attempt.lease_token == second.lease and attempt.lease_until is not None
    give_back([first], now=found.desk.clock.now())
    assert found.attempt("Ann").lease_token == second.lease
    answer = send(second, found.desk.gateway)
    assert isinstance(answer, GatewayUnknown)
    assert tell(found, second.attempt_id, answer, second.lease) == "unknown"
    assert found.attempt("Ann").lease_token is None


def test_an_answer_that_lost_its_lease_still_lands() -> None:
    """Money is money, whoever brings word of it: the lease guards sending, not knowing."""
    found = billed("Ann")
    found.submit()
    held_now = claimed(found)
    answer = send(held_now, found.desk.gateway)
    lease_ends(found.attempt("Ann"))
    claimed(found)
    assert tell(found, held_now.attempt_id, answer, held_now.lease) == "succeeded"
    settled_once(found)


# ------------------------------------------------------------ no fence, stale attempts kept


def test_a_declined_intent_over_another_amount_is_fenced_before_the_new_one_is_made() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    check(found, amount_minor=4_000)
    found.behave("Ann", "accept")
    gateway.keys.clear()
    found.collect()
    assert [key.split(":")[0] for key in gateway.keys] == ["fence", "col", "att"]


def test_as_long_as_the_fence_does_not_stand_nothing_is_charged_beside_it() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    check(found, amount_minor=4_000)
    found.behave("Ann", "accept")
    gateway.cancel = raises(GatewayUnknown("timeout"))
    found.collect()
    assert found.states("Ann") == ["declined", "unknown"] and found.charged() == 0
    gateway.cancel = lambda call: call()
    found.advance(minutes=10)
    assert [one.amount_minor for one in found.payments("Ann")] == [4_000, 6_000]
    found.check()


def test_an_attempt_whose_intent_paid_by_an_earlier_one_is_closed() -> None:
    """Left open, it would hold the invoice, or be sent when its time comes."""
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    first = found.attempt("Ann")
    found.submit()
    found.behave("Ann", "accept")
    answer = send(claimed(found), found.desk.gateway)
    assert isinstance(answer, GatewayIntent)
    told = replace(answer, metadata={ATTEMPT: str(first.id)})
    assert tell(found, first.id, told) == "succeeded"
    assert found.states("Ann") == ["succeeded", "canceled"] and not held(found)
    found.advance(days=1)
    assert found.charged() == 1


# ------------------------------------------------------------ re-key after 24 hours


def test_after_a_day_the_same_key_goes_out_again_and_the_intent_answers_for_itself_b33() -> None:
    """The gateway has forgotten the key: the confirmation is refused, for the intent has succeeded; it is looked up."""
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayUnknown("reset"), after=True)
    gateway.fetch = raises(GatewayUnknown("no look-up either"))
    found.collect()
    key = found.attempt("Ann").idempotency_key
    found.move(hours=25)
    lease_ends(found.attempt("Ann"))
    gateway.keys.clear()
    runs.collect(found.desk, found.attempt("Ann").id)
    assert gateway.keys == [key]  # never a new one
    gateway.fetch = lambda call: call()
    found.advance(hours=2)
    settled_once(found)


# ------------------------------------------------------------ the slot


def test_the_database_refuses_a_second_open_intent_whoever_writes_b21() -> None:
    found = billed("Ann")
    found.submit()
    hold = IntentInvoice.objects.get()
    beside = PaymentIntent.objects.get()
    beside.pk = beside.id = type(beside.id)(int=7)
    beside.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        IntentInvoice.objects.create(
            organization=found.world.organization, intent=beside, invoice_id=hold.invoice_id, amount_minor=1
        )


def test_a_charge_that_is_booked_already_is_not_booked_for_another() -> None:
    """A gateway that names one charge for two payments: the second is for a person, never a second payment."""
    found = billed("Ann", "Bob")
    gateway = meddled(found)
    gateway.confirm = lambda call: replace(call(), charge_ref="ch_the_same")
    found.collect()
    states = sorted(found.states("Ann") + found.states("Bob"))
    assert states == ["needs_review", "succeeded"]
    assert Payment.objects.count() == 1 and Journal.objects.filter(source_kind="payment").count() == 1


def test_an_answer_that_names_another_of_our_intents_is_for_a_person_b35() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = lambda call: replace(
        call(), metadata={"intent": "00000000-0000-7000-8000-000000000009"}
    )
    found.collect()
    assert found.states("Ann") == ["needs_review"] and not Payment.objects.exists()


# ------------------------------------------------------------ several answers in one transaction


def test_answers_settled_together_are_what_each_would_be_alone() -> None:
    names = ["Ann", "Bob", "Cid", "Dan", "Eve"]
    found = billed(*names)
    found.behave("Bob", "decline", "insufficient_funds")
    found.submit()
    held_now = [claimed(found, name) for name in names]
    check(found, "Cid", 4_000)
    Invoice.objects.filter(id=found.invoice("Dan").id).update(state="void")
    answers = [Answered(one.attempt_id, send(one, found.desk.gateway), one.lease) for one in held_now]  # type: ignore[arg-type]
    now = found.desk.clock.now()
    settled = settle_all(found.world.organization, answers, actor=STAFF, now=now)
    assert [one.state for one in settled] == ["succeeded", "declined", "succeeded", "succeeded", "succeeded"]
    assert [found.label(name) for name in names] == [
        "Settled", "Not Settled", "Settled", "Failed to Settle", "Settled",
    ]  # fmt: skip
    credit = {name: sum(one.unallocated_minor for one in found.payments(name)) for name in names}
    assert credit == {"Ann": 0, "Bob": 0, "Cid": 4_000, "Dan": 10_000, "Eve": 0}
    numbers = list(Payment.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5]  # the check, then theirs, without a gap
    moved = Event.objects.filter(verb="paid_through_moved").values_list("party_id", flat=True)
    assert set(moved) == {found.party("Ann"), found.party("Cid"), found.party("Eve")}
    again = settle_all(found.world.organization, answers, actor=STAFF, now=now)
    assert [one.state for one in again] == [one.state for one in settled]
    assert Payment.objects.count() == 5
    assert not Attempt.objects.filter(lease_token__isnull=False).exists()


def test_answers_together_are_written_all_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = billed("Ann", "Bob")
    found.submit()
    held_now = [claimed(found, name) for name in ("Ann", "Bob")]
    answers = [Answered(one.attempt_id, send(one, found.desk.gateway), one.lease) for one in held_now]  # type: ignore[arg-type]
    monkeypatch.setattr("paidthru.actions.settle.record", _broken)
    with pytest.raises(DatabaseError):
        settle_all(found.world.organization, answers, actor=STAFF, now=found.desk.clock.now())
    assert not Payment.objects.exists() and set(Attempt.objects.values_list("state", flat=True)) == {
        "submitted"
    }


def _broken(*_: object) -> None:
    raise DatabaseError("disk full")


# ------------------------------------------------------------ the networks' advice


def test_the_networks_advice_is_kept_with_the_decline_c8() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "do_not_honor")
    advice = {
        "advice_code": "do_not_try_again",
        "network_advice_code": "03",
        "network_decline_code": "05",
    }
    meddled(found).confirm = lambda call: replace(call(), **advice)  # type: ignore[arg-type]
    found.collect()
    attempt = found.attempt("Ann")
    assert {name: getattr(attempt, name) for name in advice} == advice


def test_words_of_a_gateway_that_do_not_fit_are_cut_and_harm_nothing() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "do_not_honor")
    nonsense = {"decline_code": "x" * 500, "message": "\0" + "y" * 900, "network_decline_code": "z" * 40}
    meddled(found).confirm = lambda call: replace(call(), **nonsense)  # type: ignore[arg-type]
    found.collect()
    attempt = found.attempt("Ann")
    assert (attempt.state, len(attempt.decline_code), len(attempt.network_decline_code)) == (
        "declined",
        60,
        10,
    )
    assert found.label("Ann") == "Unknown"


def test_every_answer_that_is_not_understood_is_unknown_c4() -> None:
    for nonsense in (ValueError("?"), KeyboardInterrupt(), GatewayUnknown("", code="strange")):
        assert classify(nonsense).state == "unknown"


def test_a_look_in_between_neither_sends_nor_settles_twice() -> None:
    found = billed("Ann")
    found.submit()
    held_now = claimed(found)
    answer = send(held_now, found.desk.gateway)
    runs.retrieve(found.desk)  # a look while the answer is on its way to us
    assert tell(found, held_now.attempt_id, answer, held_now.lease) == "succeeded"
    settled_once(found)
    assert Membership.objects.get(id=found.members["Ann"].id).unpaid_since is None


def test_an_open_question_is_asked_again_by_the_ladder_c3_8() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = raises(GatewayUnknown("timeout"))
    gateway.fetch = raises(GatewayUnknown("timeout"))
    found.collect()
    waits = []
    for _ in range(8):
        attempt = found.attempt("Ann")
        assert attempt.next_look_at is not None
        waits.append(attempt.next_look_at - found.desk.clock.now())
        found.move(seconds=int(waits[-1].total_seconds()))
        runs.look(found.desk, attempt.id)
    rungs = [30, 120, 600, 3600, 21_600, 86_400, 86_400, 86_400]
    assert waits == [timedelta(seconds=rung) for rung in rungs]
    assert found.attempt("Ann").state == "unknown"  # never failed by age


def test_opened_once_by_everybody_who_may_b13_b14() -> None:
    found = billed("Ann")
    organization, invoice, now = found.world.organization, found.invoice("Ann").id, found.desk.clock.now()
    opened = {
        open_attempt(
            organization,
            invoice,
            max_attempts=9,
            initiator=who,
            actor=STAFF,
            now=now,
            off_session=who != "member",
        ).id
        for who in ("submission", "schedule", "member", "staff")
    }
    assert len(opened) == 1 == PaymentIntent.objects.count()


def test_a_deadline_is_the_databases_not_the_machines_b66() -> None:
    found = billed("Ann")
    found.submit()
    held_now = claimed(found)
    found.move(days=400)  # the organization's clock jumps; the database's is what counts
    assert isinstance(send(held_now, found.desk.gateway), GatewayIntent)
    Attempt.objects.update(send_deadline=datetime.fromisoformat("2000-01-01T00:00Z"))
    assert send(held_now, found.desk.gateway) is None
