"""A gateway is read through: each of its objects is one of ours and back, whatever webhooks were lost (B-35, B-54 to
B-56; field-notes C.3 step 10)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.collecting import billed
from tests.live_world import Live, a_live_world
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.place_stray import place_stray
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Mark
from paidthru.organizations.operations import create_organization
from paidthru.payments.gateway import DisputeStatus, GatewayUnknown
from paidthru.payments.models import Dispute, GatewayAccount, Payment, Stray
from paidthru.payments.queries.settlement import open_strays
from paidthru.runs import Desk, SweepReport
from paidthru.runs.sweep_times import EVERY, FULL, THROUGH, TRIED, sweep_due
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def read(live: Live) -> SweepReport:
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    live.check()
    assert live.balances().get("Clearing", 0) == live.gateway.balance()
    return report


def connected(live: Live, *, ago: timedelta) -> None:
    """The account was connected so long ago."""
    at = live.desk.clock.now() - ago
    GatewayAccount.objects.create(
        organization=live.world.organization, gateway="outside", livemode=False, account_ref="acct", secret=b"",
        state="connected", connected_by="Pat", connected_at=at,
    )  # fmt: skip


def test_everything_agrees(live_two: Live) -> None:
    live_two.collect()
    report = read(live_two)
    assert report.complete
    assert not report.changed
    assert report.read == {"intents": 2, "refunds": 0, "disputes": 0, "balance": 2}


@pytest.fixture
def live_two() -> Live:
    return a_live_world("Ann", "Bob")


def test_answers_that_never_came_are_settled_b55(live_two: Live) -> None:
    """Every webhook of four days was lost: a payment, a refund, a dispute and its end."""
    live, gateway = live_two, live_two.gateway
    gateway.silent.add(live.customer("Ann"))
    gateway.slow.add(live.customer("Bob"))
    live.collect()
    assert live.states("Ann") + live.states("Bob") == ["unknown", "processing"]
    gateway.succeed(gateway.last(live.customer("Bob")).ref)
    report = read(live)
    assert report.settled == 2
    assert live.states("Ann") + live.states("Bob") == ["succeeded", "succeeded"]
    gateway.give_back(gateway.last(live.customer("Ann")).ref, 2_500)
    made = gateway.dispute(gateway.last(live.customer("Bob")).ref)
    assert read(live).settled == 2
    assert [one.state for one in (*live.payments("Ann"), *live.payments("Bob"))] == [
        "partly_refunded",
        "disputed",
    ]
    gateway.decide(made.ref, DisputeStatus.LOST)
    assert read(live).settled == 1
    assert Dispute.objects.get().state == "lost"
    assert not read(live).changed


def test_money_of_nobodys_stands_in_suspense_until_a_person_places_it_b54(live_two: Live) -> None:
    live = live_two
    sold = [live.gateway.sell(amount) for amount in (12_000, 500, 700)]
    assert read(live).strays == 3
    assert read(live).strays == 0, "it is written once"
    assert live.balances()["Suspense"] == -13_200
    first, second, third = open_strays(live.world.organization.id)
    about: dict[str, Any] = {"actor": STAFF, "now": live.desk.clock.now()}
    organization = live.world.organization
    with pytest.raises(Refused, match="how you know"):
        place_stray(organization, first.id, party_id=live.party("Ann"), why=" ", **about)
    payment = place_stray(
        organization, first.id, party_id=live.party("Ann"), why="She paid twice.", key="k", **about
    )
    again = place_stray(
        organization, first.id, party_id=live.party("Ann"), why="She paid twice.", key="k", **about
    )
    assert payment is not None and payment == again
    assert (payment.amount_minor, payment.unallocated_minor) == (12_000, 2_000), "her invoice, and credit"
    assert payment.gateway_ref == sold[0].charge_ref
    assert live.invoice("Ann").state == "paid"
    place_stray(organization, second.id, party_id=None, why="A mug.", income_code="Income:Other", **about)
    place_stray(organization, third.id, party_id=None, why="A friend's mug.", **about)
    assert open_strays(organization.id) == []
    with pytest.raises(Refused) as refusal:
        place_stray(organization, third.id, party_id=live.party("Bob"), why="No, his.", **about)
    assert refusal.value.code == "stray_placed"
    found = live.balances()
    assert (found["Suspense"], found["Income:Other"], found["Credit"]) == (-700, -500, -2_000)
    assert not read(live).changed
    live.gateway.give_back(sold[2].ref, 700)
    assert read(live).strays == 1
    assert "Suspense" not in live.balances(), "it has left again"


def test_a_refund_of_money_that_was_placed_later_finds_its_payment(live_two: Live) -> None:
    live = live_two
    sold = live.gateway.sell(10_000)
    live.gateway.give_back(sold.ref, 4_000)
    assert read(live).strays == 2
    stray = Stray.objects.get(kind="charge")
    now = live.desk.clock.now()
    place_stray(
        live.world.organization, stray.id, party_id=live.party("Ann"), why="Hers.", actor=STAFF, now=now
    )
    read(live)
    assert "Suspense" not in live.balances()
    assert Payment.objects.get().refunded_minor == 4_000


def test_a_refund_or_dispute_has_no_payer(live_two: Live) -> None:
    live = live_two
    live.gateway.dispute(live.gateway.sell(10_000).ref)
    read(live)
    stray = Stray.objects.get(kind="dispute")
    with pytest.raises(Refused) as refusal:
        place_stray(
            live.world.organization, stray.id, party_id=live.party("Ann"), why="Hers.", actor=STAFF,
            now=live.desk.clock.now(),
        )  # fmt: skip
    assert refusal.value.code == "not_a_charge"
    live.gateway.decide(stray.gateway_ref, DisputeStatus.WON)
    read(live)
    assert Stray.objects.get(kind="dispute").state == "placed", "it came to nothing"


def test_what_the_account_did_before_it_was_connected_is_no_concern_of_ours(live_two: Live) -> None:
    live = live_two
    live.gateway.sell(700)
    connected(live, ago=timedelta())
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert (report.strays, report.booked) == (0, 0)
    live.gateway.sell(800)
    assert runs.sweep(live.desk, since=live.world.organization.created_at).strays == 1
    live.check()


def test_another_organizations_money_is_left_to_it(live_two: Live) -> None:
    live = live_two
    live.collect()
    other = create_organization(
        name="Oak Club", preset="association", currency="USD", zone="UTC", locale="en_US", mode="live",
        now=live.desk.clock.now(),
    )  # fmt: skip
    report = runs.sweep(
        Desk(other, live.desk.clock, live.gateway), since=other.created_at - timedelta(days=1)
    )
    assert (report.rebuilt, report.strays) == (0, 0)
    assert len(live.payments("Ann")) == 1


def test_money_that_our_books_have_and_the_gateway_has_not_is_told(live_two: Live) -> None:
    live = live_two
    live.collect()
    old = live.desk.clock.now() - timedelta(days=5)
    Payment.objects.update(taken_at=old)
    ref = live.payments("Ann")[0].gateway_ref
    live.gateway.lines = [line for line in live.gateway.lines if line.source_ref != ref]
    intent = live.gateway.last(live.customer("Ann"))
    del live.gateway.intents_[intent.ref]
    report = runs.sweep(live.desk, since=old - timedelta(days=1))
    assert [(one.kind, one.ref) for one in report.differences] == [("payment", ref)]
    assert "does not know payment" in report.differences[0].what


def test_money_of_another_amount_than_was_booked_is_told_b35(live_two: Live) -> None:
    live = live_two
    live.collect()
    intent = live.gateway.last(live.customer("Bob"))
    live.gateway.intents_[intent.ref] = replace(intent, received_minor=9_000)
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert [one.ref for one in report.differences] == [intent.ref]
    assert len(live.payments("Bob")) == 1


def test_one_that_cannot_be_worked_does_not_hold_up_the_others_b56(
    live_two: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = live_two
    live.gateway.silent |= {live.customer("Ann"), live.customer("Bob")}
    live.collect()
    ref = live.gateway.last(live.customer("Ann")).ref
    fetch = live.gateway.fetch_intent

    def fetching(asked: str) -> object:
        if asked == ref:
            raise GatewayUnknown("timeout")
        return fetch(asked)

    monkeypatch.setattr(live.gateway, "fetch_intent", fetching)
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert not report.complete
    assert live.states("Bob") == ["succeeded"]
    assert report.reached["intents"] <= live.gateway.last(live.customer("Ann")).created_at, (
        "it begins there again"
    )
    monkeypatch.undo()
    assert runs.sweep(live.desk, since=report.reached).settled == 1
    assert live.states("Ann") == ["succeeded"]


def due(live: Live, **later: float) -> SweepReport | None:
    clock = FixedClock(live.desk.clock.now() + timedelta(**later))
    return sweep_due(Desk(live.world.organization, clock, live.gateway))


def test_every_hour_what_is_new_every_night_everything(live_two: Live) -> None:
    live = live_two
    live.collect()
    first = due(live)
    assert first is not None and first.read["intents"] == 2, "the first is a whole one"
    assert due(live) is None
    assert due(live, minutes=59) is None
    delta = due(live, hours=3, minutes=30)
    assert delta is not None
    through = Mark.objects.get(name=THROUGH).at
    night = due(live, days=1, hours=4)
    assert night is not None and night.read["intents"] == 2
    assert Mark.objects.get(name=THROUGH).at > through
    assert night.since >= live.world.organization.created_at - FULL - timedelta(days=1)
    assert not Event.objects.filter(verb="gateway_swept").exists(), "nothing was found, so nothing is told"
    assert EVERY < FULL


def test_nothing_is_left_unread_by_a_worker_that_stood_still_for_months(live_two: Live) -> None:
    """The fee of a charge that is older than what is read every night."""
    live = live_two
    live.collect()
    assert due(live, days=50) is not None
    assert live.balances().get("Clearing", 0) == live.gateway.balance()
    live.check()


def test_one_that_was_broken_off_goes_on_where_it_was(live_two: Live) -> None:
    live = live_two
    live.collect()
    live.gateway.breaks_at = 1
    report = due(live)
    assert report is not None and not report.complete
    assert Event.objects.filter(verb="gateway_swept").count() == 1
    live.gateway.breaks_at = None
    again = due(live, hours=2)
    assert again is not None and again.complete
    assert Mark.objects.filter(name=THROUGH).exists()


def test_a_sandbox_is_swept_once_a_day_of_its_clock() -> None:
    sandbox = billed("Ann")
    assert sweep_due(sandbox.desk) is None
    assert Mark.objects.get(name=TRIED).at == sandbox.desk.clock.now()
    sandbox.collect()
    assert sweep_due(sandbox.desk) is None
    sandbox.move(days=1)
    report = sweep_due(sandbox.desk)
    assert report is not None and report.complete and not report.changed
    assert report.read["intents"] == 1
    assert sweep_due(sandbox.desk) is None
    sandbox.check()
