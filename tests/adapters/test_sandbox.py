"""The sandbox processor: its keys, its silences, its bank debits, its races, and its books."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.adapters.sandbox.keys import KEY_TTL
from paidthru.adapters.sandbox.models import SandboxCharge, SandboxKey
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import (
    ATTEMPT,
    UNEXPECTED_STATE,
    Confirmation,
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
)
from paidthru.payments.rules.decline_codes import DECLINE_CODES
from paidthru.payments.rules.settlement import Next, classify

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT_ONCE = 12


@dataclass
class Processor:
    """A fresh account, its gateway and its desk."""

    account: UUID
    clock: FixedClock
    gateway: SandboxGateway
    desk: SandboxDesk

    def intent(self, customer: str = "ann", amount_minor: int = 5000, currency: str = "USD") -> str:
        request = IntentRequest(amount_minor, currency, customer, {"collection": "c1"})
        return self.gateway.create_intent(request, key=f"create {new_id()}").ref

    def card(self, customer: str = "ann", test_code: str = "ok") -> str:
        return self.gateway.save_method(customer, "card", test_code).token

    def bank(self, customer: str = "ann", test_code: str = "ok") -> str:
        return self.gateway.save_method(customer, "bank", test_code).token

    def confirm(self, ref: str, token: str, key: str) -> GatewayIntent:
        confirmation = Confirmation(token, off_session=True, metadata={ATTEMPT: key})
        return self.gateway.confirm_intent(ref, confirmation, key=key)

    def charges(self) -> list[str]:
        return [charge.intent_ref for charge in self.desk.charges()]


@pytest.fixture
def processor() -> Processor:
    account, clock = new_id(), FixedClock(MONDAY)
    return Processor(account, clock, SandboxGateway(account, clock), SandboxDesk(account, clock))


def refusal(call: Callable[[], object]) -> GatewayRejected:
    with pytest.raises(GatewayRejected) as refused:
        call()
    return refused.value


# ------------------------------------------------------------------ keys


def test_a_key_gives_the_first_reply_again_word_for_word(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card(test_code="insufficient_funds")
    first = processor.confirm(ref, card, "a1")
    kept = SandboxKey.objects.get(organization_id=processor.account, key="a1").reply
    good = processor.card()
    paid = processor.confirm(ref, good, "a2")
    assert paid.status is IntentStatus.SUCCEEDED
    # The stored decline is replayed although the intent has succeeded since (C.6).
    assert processor.confirm(ref, card, "a1") == first
    assert processor.confirm(ref, good, "a2") == paid
    assert SandboxKey.objects.get(organization_id=processor.account, key="a1").reply == kept
    assert processor.charges() == [ref]


def test_a_refusal_is_replayed_too(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.confirm(ref, card, "a1")
    before = refusal(lambda: processor.confirm(ref, card, "a2"))
    again = refusal(lambda: processor.confirm(ref, card, "a2"))
    assert (before.code, before.message) == (again.code, again.message)
    assert before.code == UNEXPECTED_STATE
    assert SandboxKey.objects.filter(organization_id=processor.account, key="a2").count() == 1


def test_a_key_belongs_to_its_call_and_its_account(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.confirm(ref, card, "a1")
    with pytest.raises(GatewayKeyReused):
        processor.gateway.cancel_intent(ref, key="a1")
    other = SandboxGateway(new_id(), processor.clock)
    made = other.create_intent(IntentRequest(700, "USD", "ann"), key="a1")
    assert made.ref != ref
    assert list(other.list_intents(MONDAY)) == [made]
    assert refusal(lambda: other.fetch_intent(ref)).code == "no_such_intent"


def test_a_key_is_forgotten_after_a_day_of_the_accounts_clock(processor: Processor) -> None:
    request = IntentRequest(5000, "USD", "ann")
    made = processor.gateway.create_intent(request, key="k")
    processor.clock.set(MONDAY + KEY_TTL - timedelta(seconds=1))
    assert processor.gateway.create_intent(request, key="k") == made
    processor.clock.set(MONDAY + KEY_TTL)
    assert (
        processor.gateway.create_intent(request, key="k").ref != made.ref
    )  # and harms nobody: it is unconfirmed
    assert processor.charges() == []


def test_an_old_attempt_sent_after_its_key_is_forgotten_cannot_charge_twice(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.confirm(ref, card, "a1")
    processor.clock.set(MONDAY + timedelta(days=2))
    assert refusal(lambda: processor.confirm(ref, card, "a1")).code == UNEXPECTED_STATE
    assert processor.charges() == [ref]


# ------------------------------------------------------------------ races


def at_once(calls: Iterable[Callable[[], GatewayIntent]]) -> Counter[str]:
    """What came of the calls, made by threads that start together; each by its status or its error."""
    calls = list(calls)
    together = threading.Barrier(min(AT_ONCE, len(calls)))
    started = threading.local()

    def one(call: Callable[[], GatewayIntent]) -> str:
        if not hasattr(started, "yes"):
            started.yes = True
            together.wait(timeout=30)
        try:
            return call().status
        except GatewayRejected as refused:
            return refused.code
        except GatewayKeyInUse:
            return "in use"
        finally:
            connection.close()

    with ThreadPoolExecutor(min(AT_ONCE, len(calls))) as pool:
        return Counter(pool.map(one, calls))


def test_fifty_confirmations_under_fifty_keys_take_the_money_once(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    ends = at_once([partial(processor.confirm, ref, card, f"a{n}") for n in range(50)])
    assert ends == {"succeeded": 1, UNEXPECTED_STATE: 49}
    assert processor.charges() == [ref]


def test_fifty_sends_of_one_key_take_the_money_once(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    ends = at_once([lambda: processor.confirm(ref, card, "a1")] * 50)
    assert ends["succeeded"] >= 1
    assert set(ends) <= {"succeeded", "in use"}
    assert sum(ends.values()) == 50
    assert processor.charges() == [ref]


def test_fifty_creations_under_one_key_make_one_intent(processor: Processor) -> None:
    request = IntentRequest(5000, "USD", "ann")
    at_once([lambda: processor.gateway.create_intent(request, key="k")] * 50)
    assert len(list(processor.gateway.list_intents(MONDAY))) == 1


def test_a_fence_and_a_confirmation_never_both_hold(processor: Processor) -> None:
    card = processor.card()
    for n in range(8):
        ref = processor.intent()
        fence = partial(processor.gateway.cancel_intent, ref, key=f"cancel {n}")
        charge = partial(processor.confirm, ref, card, f"a{n}")
        ends = at_once([charge, fence] if n % 2 else [fence, charge])
        assert ends[UNEXPECTED_STATE] == 1
        winner = "canceled" if ends["canceled"] else "succeeded"
        assert ends[winner] == 1
        assert processor.gateway.fetch_intent(ref).status == winner
        assert (ref in processor.charges()) is (winner == "succeeded")


def test_a_held_key_is_in_use(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    ends: list[Counter[str]] = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            held = f"sandbox {processor.account} a1"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [held])
        other = threading.Thread(
            target=lambda: ends.append(at_once([lambda: processor.confirm(ref, card, "a1")]))
        )
        other.start()
        other.join(timeout=30)
    assert ends == [Counter({"in use": 1})]


def test_no_call_is_made_inside_a_transaction_of_the_product(processor: Processor) -> None:
    ref = processor.intent()
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            processor.gateway.fetch_intent(ref)
        with pytest.raises(RuntimeError):
            processor.gateway.create_intent(IntentRequest(1, "USD", "ann"), key="k")
        with pytest.raises(RuntimeError):
            next(processor.gateway.list_intents(MONDAY))


# ------------------------------------------------------------------ behaviour


@pytest.mark.parametrize("code", ["insufficient_funds", "stolen_card", "generic_decline", "R01"])
def test_a_card_declines_by_its_test_code(processor: Processor, code: str) -> None:
    shown = processor.confirm(processor.intent(), processor.card(test_code=code), "a1")
    assert (shown.status, shown.decline_code) == (IntentStatus.REQUIRES_PAYMENT_METHOD, code)
    assert shown.message == DECLINE_CODES[code].words


def test_a_card_expires_with_its_month(processor: Processor) -> None:
    ref = processor.intent()
    card = processor.gateway.save_method("ann", "card", "ok", expires=(2026, 3)).token
    processor.clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    assert processor.confirm(ref, card, "a1").decline_code == "expired_card"
    fresh = processor.gateway.save_method("ann", "card", "ok", expires=(2026, 4)).token
    assert processor.confirm(ref, fresh, "a2").status is IntentStatus.SUCCEEDED
    expired = processor.gateway.save_method("ann", "card", "expired")
    assert (expired.exp_year, expired.exp_month) == (2026, 3)
    assert processor.confirm(processor.intent(), expired.token, "a3").decline_code == "expired_card"


def test_each_saved_method_is_another_instrument(processor: Processor) -> None:
    first = processor.gateway.save_method("ann", "card", "ok")
    second = processor.gateway.save_method("ann", "card", "ok")
    assert first.fingerprint != second.fingerprint
    assert (first.last4, first.kind) == ("4242", "card")
    assert processor.gateway.save_method("ann", "bank", "ok").exp_year is None
    refused = refusal(lambda: processor.gateway.save_method("ann", "card", "4242424242424242"))
    assert refused.code == "test_code_unknown"


def test_a_method_of_another_customer_is_refused(processor: Processor) -> None:
    ref, card = processor.intent("ann"), processor.card("bob")
    assert refusal(lambda: processor.confirm(ref, card, "a1")).code == "no_such_method"
    assert processor.charges() == []


def test_a_script_holds_until_the_next_one(processor: Processor) -> None:
    card = processor.card()
    processor.desk.set_script("ann", "decline", "moon_phase")
    first = processor.intent()
    assert classify(processor.confirm(first, card, "a1"), attempt="a1").soft is False
    assert processor.confirm(processor.intent(), card, "a2").decline_code == "moon_phase"
    assert processor.confirm(processor.intent("bob"), processor.card("bob"), "b1").received_minor == 5000
    processor.desk.set_script("ann", "authenticate")
    assert processor.confirm(first, card, "a3").status is IntentStatus.REQUIRES_ACTION
    processor.desk.set_script("ann", "accept")
    assert processor.confirm(first, card, "a4").status is IntentStatus.SUCCEEDED
    with pytest.raises(Refused, match="dance"):
        processor.desk.set_script("ann", "dance")
    with pytest.raises(Refused, match="code"):
        processor.desk.set_script("ann", "decline")


def test_an_authentication_is_completed_at_the_desk(processor: Processor) -> None:
    card = processor.card(test_code="authenticate")
    done, failed = processor.intent(), processor.intent()
    processor.confirm(done, card, "a1")
    processor.confirm(failed, card, "a2")
    assert processor.desk.answer(done, "succeeded") == (done,)
    assert processor.desk.answer(failed, "failed", "card_declined") == (failed,)
    assert processor.gateway.fetch_intent(done).received_minor == 5000
    assert processor.gateway.fetch_intent(failed).decline_code == "card_declined"


# ------------------------------------------------------------------ silence


def test_silence_without_effect_lasts_until_the_answer(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.desk.set_script("ann", "silent")
    for _ in range(2):  # sent again: lost again
        with pytest.raises(GatewayUnknown):
            processor.confirm(ref, card, "a1")
    with pytest.raises(GatewayUnknown):
        processor.gateway.fetch_intent(ref)
    with pytest.raises(GatewayUnknown):
        processor.gateway.cancel_intent(ref, key="c1")
    assert list(processor.gateway.list_intents(MONDAY)) == []
    assert processor.charges() == []
    processor.clock.set(MONDAY + timedelta(days=6))
    assert processor.desk.answer("ann", "succeeded") == (ref,)
    shown = processor.gateway.fetch_intent(ref)
    assert classify(shown, attempt="a1").next is Next.SETTLE
    assert (shown.metadata[ATTEMPT], shown.taken_at) == ("a1", MONDAY + timedelta(days=6))
    assert processor.charges() == [ref]
    assert (
        processor.confirm(processor.intent(), card, "a2").status is IntentStatus.SUCCEEDED
    )  # no longer silent


def test_the_late_answer_may_be_a_decline_which_its_key_replays(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.desk.set_script("ann", "silent")
    with pytest.raises(GatewayUnknown):
        processor.confirm(ref, card, "a1")
    processor.desk.answer("ann", "failed", "insufficient_funds")
    outcome = classify(processor.gateway.fetch_intent(ref), attempt="a1")
    assert (outcome.state, outcome.decline_code) == ("declined", "insufficient_funds")
    assert processor.confirm(ref, card, "a1").decline_code == "insufficient_funds"
    assert processor.confirm(ref, card, "a2").status is IntentStatus.SUCCEEDED


def test_silence_that_charges_takes_the_money_when_it_was_sent(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.desk.set_script("ann", "silent_but_charges")
    with pytest.raises(GatewayUnknown):
        processor.confirm(ref, card, "a1")
    with pytest.raises(GatewayUnknown):
        processor.confirm(ref, card, "a1")
    assert [charge.unheard for charge in processor.desk.charges()] == [True]
    assert [(line.charges, line.unheard, line.unheard_minor) for line in processor.desk.books()] == [
        (1, 1, 5000)
    ]
    processor.clock.set(MONDAY + timedelta(days=2))
    with pytest.raises(Refused) as refused:
        processor.desk.answer("ann", "failed")
    assert refused.value.code == "sandbox_already_charged"
    processor.desk.answer("ann", "succeeded")
    shown = processor.gateway.fetch_intent(ref)
    assert (shown.status, shown.taken_at) == (IntentStatus.SUCCEEDED, MONDAY)
    assert [charge.unheard for charge in processor.desk.charges()] == [False]


def test_a_customer_with_nothing_open_gets_no_answer(processor: Processor) -> None:
    with pytest.raises(Refused) as refused:
        processor.desk.answer("ann", "succeeded")
    assert refused.value.code == "nothing_to_answer"


def test_after_silence_without_an_answer_the_same_key_carries_on(processor: Processor) -> None:
    ref, card = processor.intent(), processor.card()
    processor.desk.set_script("ann", "silent")
    with pytest.raises(GatewayUnknown):
        processor.confirm(ref, card, "a1")
    processor.desk.set_script("ann", "accept")
    assert classify(processor.gateway.fetch_intent(ref), attempt="a1").next is Next.CONFIRM
    assert processor.confirm(ref, card, "a1").status is IntentStatus.SUCCEEDED


# ------------------------------------------------------------------ bank debits


def test_a_bank_debit_waits_for_its_answer(processor: Processor) -> None:  # B-42, B-43
    bank = processor.bank()
    paid, returned = processor.intent(), processor.intent()
    assert processor.confirm(paid, bank, "a1").status is IntentStatus.PROCESSING
    assert processor.confirm(returned, bank, "a2").status is IntentStatus.PROCESSING
    processor.clock.set(MONDAY + timedelta(days=30))
    assert processor.gateway.fetch_intent(paid).status is IntentStatus.PROCESSING
    assert refusal(lambda: processor.confirm(paid, bank, "a3")).code == UNEXPECTED_STATE
    assert refusal(lambda: processor.gateway.cancel_intent(paid, key="c1")).code == UNEXPECTED_STATE
    processor.desk.answer(paid, "succeeded")
    processor.desk.answer(returned, "failed", "R02")
    shown = processor.gateway.fetch_intent(paid)
    assert (shown.received_minor, shown.taken_at) == (5000, MONDAY + timedelta(days=30))
    assert processor.gateway.fetch_intent(returned).decline_code == "R02"
    assert processor.charges() == [paid]


def test_a_bank_debit_can_clear_by_itself_after_four_business_days(processor: Processor) -> None:
    friday = MONDAY + timedelta(days=4)
    processor.clock.set(friday)
    ref, failing = processor.intent(), processor.intent()
    processor.confirm(ref, processor.bank(test_code="auto"), "a1")
    processor.confirm(failing, processor.bank(test_code="R01"), "a2")
    thursday = friday + timedelta(days=6)
    processor.clock.set(thursday - timedelta(seconds=1))
    assert processor.gateway.fetch_intent(ref).status is IntentStatus.PROCESSING
    processor.clock.set(thursday + timedelta(days=3))
    assert processor.gateway.fetch_intent(ref).taken_at == thursday
    listed = {shown.ref: shown for shown in processor.gateway.list_intents(MONDAY)}
    assert listed[failing].decline_code == "R01"
    assert processor.charges() == [ref]


# ------------------------------------------------------------------ books


def test_the_books_add_up_per_currency(processor: Processor) -> None:
    card = processor.card()
    for n, (amount, currency) in enumerate([(5000, "USD"), (2500, "USD"), (1000, "JPY"), (1234, "KWD")]):
        processor.confirm(processor.intent(amount_minor=amount, currency=currency), card, f"a{n}")
    processor.confirm(processor.intent(), processor.card(test_code="stolen_card"), "no")
    lines = [(line.currency, line.charges, line.charged_minor) for line in processor.desk.books()]
    assert lines == [("JPY", 1, 1000), ("KWD", 1, 1234), ("USD", 2, 7500)]
    assert SandboxDesk(new_id(), processor.clock).books() == ()


def test_the_list_is_paged_without_loss(processor: Processor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paidthru.adapters.sandbox.gateway.PAGE", 3)
    made = [processor.intent() for _ in range(10)]
    assert [shown.ref for shown in processor.gateway.list_intents(MONDAY)] == made


def test_the_trail_tells_why(processor: Processor) -> None:  # I-57
    ref = processor.intent()
    processor.confirm(ref, processor.card(test_code="stolen_card"), "a1")
    processor.confirm(ref, processor.card(), "a2")
    trail = processor.desk.trail(ref)
    assert [line.kind for line in trail] == ["created", "confirmed", "declined", "confirmed", "succeeded"]
    assert trail[2].detail == {"code": "stolen_card"}
    assert processor.desk.trail("ann") == trail


def test_amounts_and_currencies_are_checked(processor: Processor) -> None:
    for amount, currency, code in [(0, "USD", "amount_invalid"), (5, "usd", "currency_invalid")]:
        request = IntentRequest(amount, currency, "ann")
        assert refusal(partial(processor.gateway.create_intent, request, key=f"{new_id()}")).code == code


def test_an_intent_has_one_charge_whatever_happens(processor: Processor) -> None:
    ref = processor.intent()
    processor.confirm(ref, processor.card(), "a1")
    charge = SandboxCharge.objects.get(intent_id=ref)
    charge.ref = "ch_second"
    with pytest.raises(Exception, match="duplicate key"), transaction.atomic():
        charge.save(force_insert=True)


def luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def test_no_card_number_is_anywhere_in_the_tables(processor: Processor) -> None:
    assert luhn("4242424242424242")
    card, bank = processor.card(), processor.bank(test_code="auto")
    for n in range(30):
        processor.confirm(processor.intent(), card if n % 2 else bank, f"a{n}")
    processor.desk.set_script("ann", "silent")
    ref = processor.intent()
    with pytest.raises(GatewayUnknown):
        processor.confirm(ref, card, "lost")
    numbers = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
    scanned = 0
    for model in apps.get_app_config("sandbox").get_models():
        texts = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField | models.ForeignKey)
        ]
        for row in model._default_manager.values_list(*texts):
            for text in map(str, row):
                scanned += 1
                found = [
                    re.sub(r"\D", "", number) for number in numbers.findall(_without_instants_and_ids(text))
                ]
                assert not [number for number in found if luhn(number)], f"{model.__name__}: {text}"
    assert scanned > 300


def _without_instants_and_ids(text: str) -> str:
    """Without what has many digits by its nature: instants, and the ids within a caller's keys."""
    instant = r"\d{4}-\d\d-\d\dT[\d:.]+"
    uuid = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    return re.sub(f"{instant}|{uuid}", "", text)
