"""The sandbox takes money back: returns, disputes, their events, the balance and payouts (B-44, B-48, I-70)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction

from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import (
    ATTEMPT,
    Confirmation,
    DisputeStatus,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
)

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Processor:
    account: UUID
    clock: FixedClock
    gateway: SandboxGateway
    desk: SandboxDesk

    def charge(self, amount_minor: int = 5000, customer: str = "ann", currency: str = "USD") -> str:
        intent = self.gateway.create_intent(
            IntentRequest(amount_minor, currency, customer), key=f"create {new_id()}"
        )
        token = self.gateway.save_method(customer, "card", "ok").token
        confirmation = Confirmation(token, off_session=True, metadata={ATTEMPT: "a"})
        return self.gateway.confirm_intent(intent.ref, confirmation, key=f"att {new_id()}").charge_ref or ""

    def later(self, days: int = 1) -> None:
        self.clock.set(self.clock.now() + days * DAY)


@pytest.fixture
def processor() -> Processor:
    account, clock = new_id(), FixedClock(MONDAY)
    return Processor(account, clock, SandboxGateway(account, clock), SandboxDesk(account, clock))


def refused(act: object) -> str:
    with pytest.raises(Refused) as refusal:
        act()  # type: ignore[operator]
    return refusal.value.code


def test_a_return_is_lost_from_the_start_and_its_event_names_it(processor: Processor) -> None:
    charge = processor.charge()
    event = processor.desk.return_payment(charge, "R01")
    assert (event.kind, event.object_kind, event.livemode, event.at) == (
        "dispute.returned",
        "dispute",
        False,
        MONDAY,
    )
    told = processor.gateway.fetch_dispute(event.object_ref)
    assert (told.status, told.is_return, told.code, told.charge_ref, told.intent_ref) == (
        DisputeStatus.LOST,
        True,
        "R01",
        charge,
        event.intent_ref,
    )
    assert processor.desk.latest_event() == event
    assert refused(lambda: processor.desk.return_payment(charge, "R01")) == "taken_back_already"
    assert refused(lambda: processor.desk.decide(event.object_ref, "lost")) == "dispute_decided"


def test_a_dispute_is_decided_once_and_a_lost_one_can_be_won_yet(processor: Processor) -> None:
    charge = processor.charge()
    opened = processor.desk.dispute(charge)
    ref = processor.desk.dispute_of(charge)
    assert ref == opened.object_ref
    processor.later(10)
    lost = processor.desk.decide(ref, "lost")
    assert processor.gateway.fetch_dispute(ref).ended_at == MONDAY + 10 * DAY
    assert refused(lambda: processor.desk.decide(ref, "lost")) == "dispute_decided"
    won = processor.desk.decide(ref, "won")
    assert processor.gateway.fetch_dispute(ref).status is DisputeStatus.WON
    assert refused(lambda: processor.desk.decide(ref, "lost")) == "dispute_decided"
    assert len({opened.id, lost.id, won.id}) == 3
    assert [line.what for line in processor.gateway.trace(opened.intent_ref)][-3:] == [
        "Disputed by the cardholder",
        "Dispute decided: lost",
        "Dispute decided: won",
    ]


def test_what_is_left_can_be_disputed_and_no_more(processor: Processor) -> None:
    charge = processor.charge(5000)
    processor.desk.dispute(charge, amount_minor=2000)
    assert refused(lambda: processor.desk.dispute(charge, amount_minor=3001)) == "amount_invalid"
    assert refused(lambda: processor.desk.dispute(charge, amount_minor=0)) == "amount_invalid"
    rest = processor.desk.dispute(charge)
    assert processor.gateway.fetch_dispute(rest.object_ref).amount_minor == 3000
    assert refused(lambda: processor.desk.dispute("ch_nowhere")) == "charge_unknown"
    assert refused(lambda: processor.desk.dispute_of("ch_nowhere")) == "dispute_unknown"
    assert refused(lambda: processor.desk.decide("dp_nowhere", "won")) == "dispute_unknown"


def test_a_charge_that_was_refunded_can_be_disputed_all_the_same(processor: Processor) -> None:
    part, whole = processor.charge(5000), processor.charge(5000)
    processor.desk.refund_elsewhere(part, 2000)
    processor.desk.refund_elsewhere(whole, 5000)
    left = processor.desk.dispute(part)
    crossed = processor.desk.dispute(whole)
    assert processor.gateway.fetch_dispute(left.object_ref).amount_minor == 3000
    assert processor.gateway.fetch_dispute(crossed.object_ref).amount_minor == 5000


def test_silence_covers_disputes_and_the_trace(processor: Processor) -> None:
    charge = processor.charge()
    event = processor.desk.dispute(charge)
    processor.desk.set_script("ann", "silent")
    with pytest.raises(GatewayUnknown):
        processor.gateway.fetch_dispute(event.object_ref)
    with pytest.raises(GatewayUnknown):
        processor.gateway.trace(event.intent_ref)
    assert list(processor.gateway.list_disputes(MONDAY)) == []
    assert list(processor.gateway.list_balance(MONDAY)) == []
    processor.desk.set_script("ann", "accept")
    assert [one.ref for one in processor.gateway.list_disputes(MONDAY)] == [event.object_ref]
    assert list(processor.gateway.list_disputes(MONDAY + DAY)) == []


def test_the_balance_tells_fees_and_what_each_payout_took(processor: Processor) -> None:
    first = processor.charge(5000)
    processor.desk.set_fee(first, 175)
    assert refused(lambda: processor.desk.pay_out("USD")) == "nothing_to_pay_out"
    processor.later()
    processor.charge(12_000, currency="JPY")
    payout = processor.desk.pay_out("USD")
    assert (payout.object_kind, payout.id) == ("payout", f"evt_{payout.object_ref}")
    second = processor.charge(800)  # at the same instant as the payout, and not in it
    dispute = processor.desk.dispute(second, fee_minor=1500)
    lines = {(line.kind, line.currency, line.source_ref): line for line in _lines(processor)}
    assert lines["charge", "USD", first].payout_ref == payout.object_ref
    assert lines["charge", "USD", second].payout_ref == ""
    assert lines["payout", "USD", payout.object_ref].amount_minor == -4825
    taken = lines["dispute", "USD", dispute.object_ref]
    assert (taken.amount_minor, taken.fee_minor) == (-800, 1500)
    assert [line.currency for line in _lines(processor) if line.kind == "charge"].count("JPY") == 1
    processor.later()
    processor.desk.decide(dispute.object_ref, "won")
    back = [line for line in _lines(processor) if line.kind == "dispute_won"]
    assert [(line.amount_minor, line.at) for line in back] == [(800, MONDAY + 2 * DAY)]


def _lines(processor: Processor) -> list:  # type: ignore[type-arg]
    return list(processor.gateway.list_balance(MONDAY))


def test_it_is_another_company(processor: Processor) -> None:
    """Its levers and look-ups are transactions of its own, and it knows its own accounts only."""
    charge = processor.charge()
    event = processor.desk.dispute(charge)
    with transaction.atomic(), pytest.raises(RuntimeError):
        processor.desk.return_payment(charge, "R01")
    with transaction.atomic(), pytest.raises(RuntimeError):
        processor.gateway.fetch_dispute(event.object_ref)
    stranger = SandboxGateway(new_id(), processor.clock)
    with pytest.raises(GatewayRejected) as unknown:
        stranger.fetch_dispute(event.object_ref)
    assert unknown.value.code == "no_such_dispute"
    assert list(stranger.list_balance(MONDAY)) == []
    assert SandboxDesk(new_id(), processor.clock).latest_event() is None
    facts = processor.gateway.describe_account()
    assert (facts.ref, facts.livemode, facts.may_charge) == (str(processor.account), False, True)
