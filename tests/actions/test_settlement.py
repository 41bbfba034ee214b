"""What moves a gateway's balance is booked once, and payouts are set against their lines (D.4, D.6 nr 5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests.live_world import Live, a_live_world
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.book_settlement import book_settlement
from paidthru.kernel.money import Money
from paidthru.ledger.models import Batch, Journal
from paidthru.ledger.queries import trial_balance
from paidthru.payments.gateway import DisputeStatus, GatewayBalanceLine
from paidthru.payments.models import BalanceLine, Payment
from paidthru.payments.queries.settlement import held_by_gateways, payout_lines, payouts
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live() -> Live:
    found = a_live_world("Ann", "Bob")
    found.collect()
    return found


def read(live: Live) -> None:
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert report.differences == []
    live.check()
    assert live.balances().get("Clearing", 0) == live.gateway.balance()
    assert held_by_gateways(live.world.organization.id).get("USD", 0) == live.gateway.balance()


def test_fees_and_payouts(live: Live) -> None:
    read(live)
    assert live.balances()["Processor fees"] == 60
    assert live.balances()["Clearing"] == 19_940
    live.gateway.pay_out()
    read(live)
    found = live.balances()
    assert (found["Bank"], found.get("Clearing", 0), found["Processor fees"]) == (19_940, 0, 60)
    assert Batch.objects.filter(kind="settlement").count() == 1, "one a day"
    assert Journal.objects.filter(source_kind="balance_line").count() == 3
    assert Event.objects.filter(verb="settlement_booked").count() == 2


def test_whatever_is_read_twice_is_booked_once(live: Live) -> None:
    live.gateway.pay_out()
    for _ in range(3):
        read(live)
    assert BalanceLine.objects.count() == 3
    assert Journal.objects.filter(source_kind="balance_line").count() == 3
    lines = list(live.gateway.lines)
    about: dict[str, Any] = {"gateway": "outside", "actor": STAFF, "now": live.desk.clock.now()}
    booked = book_settlement(live.world.organization, [*lines, *lines], **about)
    assert (booked.lines, booked.journals, booked.payouts) == (0, 0, ())


def test_a_payout_that_comes_back(live: Live) -> None:
    ref = live.gateway.pay_out()
    read(live)
    live.gateway.line("payout_failed", 19_940, ref)
    read(live)
    found = live.balances()
    assert (found.get("Bank", 0), found["Clearing"]) == (0, 19_940)
    assert [one.failed for one in payouts(live.world.organization.id)] == [True]


def test_refunds_and_disputes_are_booked_by_their_own_rows_their_fees_here(live: Live) -> None:
    live.gateway.give_back(live.gateway.last(live.customer("Ann")).ref, 2_000)
    made = live.gateway.dispute(live.gateway.last(live.customer("Bob")).ref, fee=1_500)
    read(live)
    assert live.balances()["Dispute fees"] == 1_500
    live.gateway.decide(made.ref, DisputeStatus.WON)
    live.gateway.line("other", 1_500, "adj")
    read(live)
    assert live.balances()["Dispute fees"] == 1_500
    assert live.balances()["Suspense"] == -1_500, "a person looks at what it is"
    live.gateway.line("fee", -500, "radar")
    read(live)
    assert live.balances()["Processor fees"] == 560


def test_a_payout_is_the_sum_of_its_lines(live: Live) -> None:
    live.gateway.give_back(live.gateway.last(live.customer("Ann")).ref, 2_000)
    read(live)
    ref = live.gateway.pay_out()
    read(live)
    (payout,) = payouts(live.world.organization.id)
    assert (payout.ref, payout.amount_minor, payout.lines_minor, payout.lines) == (ref, 17_940, 17_940, 3)
    assert payout.reconciled
    assert [one.what for one in payout_lines(live.world.organization.id, ref)] == ["", "", ""]


def test_what_a_payouts_lines_do_not_account_for_is_named_line_by_line(live: Live) -> None:
    live.gateway.sell(700)
    read(live)
    ref = live.gateway.pay_out()
    read(live)
    (payout,) = payouts(live.world.organization.id)
    assert payout.reconciled, "a stray is known, if not placed"
    sold = live.payments("Ann")[0]
    Payment.objects.filter(id=sold.id).update(gateway_ref="ch_other")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_balanceline SET amount_minor = amount_minor - 1 WHERE source_ref = %s",
            [live.payments("Bob")[0].gateway_ref],
        )
    (payout,) = payouts(live.world.organization.id)
    assert (payout.difference_minor, payout.unknown, payout.reconciled) == (1, 2, False)
    named = {one.source_ref: one.what for one in payout_lines(live.world.organization.id, ref) if one.what}
    assert named == {
        sold.gateway_ref: "Our books know no such charge.",
        live.payments("Bob")[0].gateway_ref: "Our books say 100.00 USD, the processor 99.99 USD.",
    }


def test_a_day_is_the_organizations(live: Live) -> None:
    """Each movement is booked on its own local date."""
    today = live.desk.today
    at = live.desk.clock.now() - timedelta(days=3)
    lines = [
        GatewayBalanceLine(f"t{n}", "fee", -100, 0, currency, "", at - timedelta(days=n))
        for n, currency in enumerate(("USD", "EUR", "JPY"))
    ]
    about: dict[str, Any] = {"gateway": "outside", "actor": STAFF, "now": live.desk.clock.now()}
    booked = book_settlement(live.world.organization, lines, **about)
    assert booked.journals == 3
    dated = set(Journal.objects.filter(source_kind="balance_line").values_list("effective_on", "currency"))
    assert dated == {
        (today - timedelta(days=3), "USD"),
        (today - timedelta(days=4), "EUR"),
        (today - timedelta(days=5), "JPY"),
    }


def test_what_the_processor_converts_is_settled_in_the_currency_of_the_invoice_and_held_in_its_own(
    live: Live,
) -> None:
    """A-39: the invoice is paid in its currency; settlement amount, fee and rate are kept; both currencies balance."""
    live.join("Cho")
    live.bill("Third")
    live.gateway.settles_in = ("GBP", Decimal("0.79"))
    live.collect()
    live.gateway.give_back(live.gateway.last(live.customer("Cho")).ref, 2_500)
    ref = live.gateway.pay_out()
    made = live.gateway.dispute(live.gateway.last(live.customer("Cho")).ref, fee=1_500)
    live.gateway.settles_in = ("GBP", Decimal("0.81"))
    live.gateway.decide(made.ref, DisputeStatus.WON)
    report = runs.sweep(live.desk, since=live.world.organization.created_at)
    assert report.differences == []
    live.check()
    organization = live.world.organization
    held = held_by_gateways(organization.id)
    books = {(one.code, one.currency): one.balance_minor for one in trial_balance(organization.id)}
    assert books["Clearing", "GBP"] == held["GBP"]
    assert books["Clearing", "USD"] == held["USD"] == 19_940, "what the first two paid"
    assert books["Processor fees", "GBP"] == 30
    assert books["Exchange", "USD"] == 10_000 - 2_500
    # charged 79.00, given back 19.75, disputed at 0.79 and won back at 0.81: two pounds of gain that nobody hid
    assert books["Exchange", "GBP"] == -(7_900 - 1_975 - 7_900 + 8_100)
    charge = payout_lines(organization.id, ref)[-2]
    assert (charge.charged, charge.exchange_rate, charge.amount_minor, charge.fee_minor, charge.what) == (
        Money(10_000, "USD"), Decimal("0.79"), 7_900, 30, "",
    )  # fmt: skip
    assert [one.amount_minor for one in live.payments("Cho")] == [10_000], "the invoice is settled in dollars"
