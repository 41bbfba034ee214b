"""The restore drill and the sweep once more with the Stripe adapter, the SDK and the stand-in (B-55, B-63)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import stripe
from tests.collecting import Collection
from tests.live_world import all_rows, long_frozen, put_back
from tests.stripe_stand_in import StripeStandIn
from tests.stripe_world import SECRET_KEY, a_live_organization, gateway_at
from tests.world import STAFF, World

from paidthru import runs
from paidthru.actions.request_refund import request_refund
from paidthru.actions.save_method import save_method
from paidthru.actions.unfreeze import unfreeze
from paidthru.config import instance
from paidthru.kernel.clock import SystemClock
from paidthru.organizations.queries import frozen_why
from paidthru.payments.models import BalanceLine, Refund
from paidthru.payments.queries.settlement import held_by_gateways, payouts
from paidthru.runs import Desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    with StripeStandIn(real_clock=True) as desk:
        yield desk


@pytest.fixture
def live(stand_in: StripeStandIn, tmp_path: Path) -> Collection:
    """Four members of a live organization, billed today, their cards at the stand-in."""
    instance.recognize(tmp_path)
    clock = SystemClock()
    organization = a_live_organization(now=clock.now())
    world = World(organization, Desk(organization, clock, gateway_at(stand_in)))
    found = Collection(world, world.plan(amount_minor=10_000))
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": stand_in.url}, max_network_retries=0)
    for name in ("Ann", "Bob", "Cid", "Dan"):
        paid_through = found.desk.today - timedelta(days=1)
        found.members[name] = world.member(name, found.plan, paid_through=paid_through, autopay=True)
        customer = client.v1.customers.create({"name": name})
        card = stand_in.save_method(customer.id, "pm_card_visa")
        shown = replace(found.desk.gateway.fetch_method(card["id"]), customer_ref=customer.id)
        save_method(organization, found.party(name), shown, gateway="stripe", actor=STAFF, now=clock.now())
    runs.generate(world.desk, name="First", effective_on=found.desk.today, actor=STAFF)
    return found


def intent_of(live: Collection, name: str) -> str:
    ref = live.attempt(name).intent.gateway_ref
    assert ref is not None
    return ref


def held(stand_in: StripeStandIn) -> int:
    """What the stand-in holds for us."""
    return sum(line["net"] for line in stand_in.objects("balance_transaction"))


def test_mid_flight_at_stripe(live: Collection, stand_in: StripeStandIn, tmp_path: Path) -> None:
    live.submit(name_contains="Ann")
    runs.collect_unsent(live.desk)
    rows = all_rows()
    live.submit(name_contains="Bob")
    live.submit(name_contains="Cid")
    runs.collect_unsent(live.desk)
    bobs, cids = live.payments("Bob")[0], intent_of(live, "Cid")
    refund = request_refund(
        live.world.organization, bobs.id, amount_minor=4_000, actor=STAFF, now=live.desk.clock.now()
    )
    runs.send_refunds(live.desk)
    stand_in.dispute(cids)

    put_back(rows)
    instance.recognize(tmp_path)
    assert frozen_why() is not None
    live.collect()
    assert live.payments("Bob") == []
    long_frozen()
    report = runs.replay(live.desk, actor=STAFF)
    assert (report.complete, report.counts, report.differences) == (True, True, []), report.stopped
    unfreeze(why="Read.", actor=STAFF, now=live.desk.clock.now())
    runs.work(live.desk)
    live.submit()
    runs.collect_unsent(live.desk)

    charges = [one.payment_intent for one in stand_in.truth() if one.kind == "charge"]
    assert len(charges) == len(set(charges)) == 4
    assert [len(live.payments(name)) for name in ("Ann", "Bob", "Cid", "Dan")] == [1, 1, 1, 1]
    assert [live.payments(name)[0].state for name in ("Bob", "Cid")] == ["partly_refunded", "disputed"]
    assert Refund.objects.get().id == refund.id
    assert not runs.sweep(live.desk, since=live.world.organization.created_at).changed
    live.check()
    assert live.balances().get("Clearing", 0) == held(stand_in)


def test_fees_and_a_payout_at_stripe(live: Collection, stand_in: StripeStandIn) -> None:
    live.collect()
    began = live.world.organization.created_at - timedelta(seconds=1)  # Stripe's instants are whole seconds
    report = runs.sweep(live.desk, since=began)
    assert (report.complete, report.differences) == (True, []), report.stopped
    assert live.balances()["Processor fees"] == 4 * (30 + 290)
    stand_in.advance(days=3)
    stand_in.pay_out()
    runs.sweep(live.desk, since=live.world.organization.created_at)
    live.check()
    assert live.balances().get("Clearing", 0) == held(stand_in) == 0
    (payout,) = payouts(live.world.organization.id)
    assert (payout.amount_minor, payout.lines, payout.reconciled) == (40_000 - 1_280, 4, True)


def test_what_stripe_converts_is_kept_with_its_rate(live: Collection, stand_in: StripeStandIn) -> None:
    """A-39: charged in dollars, settled in pounds."""
    stand_in.account.settings.converts = ("usd", "gbp", 79)
    live.collect()
    began = live.world.organization.created_at - timedelta(seconds=1)
    report = runs.sweep(live.desk, since=began)
    assert (report.complete, report.differences) == (True, []), report.stopped
    live.check()
    line = BalanceLine.objects.filter(kind="charge").first()
    assert line is not None
    assert (line.charged_minor, line.charged_currency, line.exchange_rate) == (10_000, "USD", Decimal("0.79"))
    assert (line.amount_minor, line.currency) == (7_900, "GBP")
    fees_minor = sum(BalanceLine.objects.values_list("fee_minor", flat=True))
    assert held_by_gateways(live.world.organization.id) == {"GBP": 4 * 7_900 - fees_minor}
