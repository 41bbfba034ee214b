"""The Stripe stand-in: refunds, disputes, balance, payouts, lists and events."""

from collections.abc import Iterator

import pytest
import stripe
from stripe import StripeClient
from tests.driving_stripe import a_customer, an_intent, client_of, paid, types
from tests.stripe_stand_in import StripeStandIn


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk:
        yield desk
        desk.check()


@pytest.fixture
def client(desk: StripeStandIn) -> StripeClient:
    return client_of(desk.url)


# -------------------------------------------------------------------- refunds and disputes


def test_refunds_stay_within_what_came(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client)
    part = client.v1.refunds.create({"payment_intent": intent, "amount": 2000, "metadata": {"refund": "r1"}})
    assert (part.status, part.amount) == ("succeeded", 2000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 3001})
    rest = client.v1.refunds.create({"payment_intent": intent})
    assert rest.amount == 3000
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent})
    assert refusal.value.code == "charge_already_refunded"
    charge = client.v1.charges.list({"payment_intent": intent}).data[0]
    assert (charge.refunded, charge.amount_refunded) == (True, 5000)
    assert [r.id for r in client.v1.refunds.list({"charge": charge.id}).data] == [rest.id, part.id]
    expanded = client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert expanded.refunds is not None and len(expanded.refunds.data) == 2
    assert [m.amount for m in desk.truth()] == [5000, -2000, -3000]
    assert types(desk, charge.id) == ["charge.succeeded", "charge.refunded", "charge.refunded"]


def test_a_refund_fails_after_it_had_succeeded(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    desk.advance(days=5)
    failed = client.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert "refund.failed" in types(desk, refund.id)
    assert [m.kind for m in desk.truth()] == ["charge", "refund", "refund_failed"]
    assert client.v1.refunds.create({"payment_intent": intent}).amount == 5000


def test_a_bank_refund_is_pending_for_days(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client, "pm_usBankAccount_success")
    desk.advance(days=4)
    refund = client.v1.refunds.create({"payment_intent": intent, "amount": 1000})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    desk.advance(days=5)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    other = client.v1.refunds.create({"payment_intent": intent, "amount": 1000})
    desk.fail_refund(other.id, "insufficient_funds")
    assert client.v1.refunds.retrieve(other.id).failure_reason == "insufficient_funds"


def test_a_card_dispute_blocks_refunds_until_it_is_won(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client)
    opened = desk.dispute(intent, reason="product_not_received")
    dispute = client.v1.disputes.retrieve(opened["id"])
    assert (dispute.status, dispute.amount) == ("needs_response", 5000)
    assert [entry.net for entry in dispute.balance_transactions] == [-6500]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent})
    assert refusal.value.code == "charge_disputed"
    desk.close_dispute(dispute.id, "won")
    won = client.v1.disputes.retrieve(dispute.id)
    assert (won.status, [entry.amount for entry in won.balance_transactions]) == ("won", [-5000, 5000])
    assert types(desk, dispute.id)[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
    client.v1.refunds.create({"payment_intent": intent})


def test_disputes_in_part_inquiries_and_a_refund_that_crosses(
    desk: StripeStandIn, client: StripeClient
) -> None:
    intent = paid(desk, client)
    part = desk.dispute(intent, amount=1500)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent, "amount": 4000})
    client.v1.refunds.create({"payment_intent": intent, "amount": 3500})
    desk.close_dispute(part["id"], "won", reinstated=1000)
    assert desk.truth()[-1].amount == 1000
    asked = desk.dispute(paid(desk, client), inquiry=True)
    assert (asked["status"], asked["is_charge_refundable"], asked["balance_transactions"]) == (
        "warning_needs_response", True, [],
    )  # fmt: skip
    crossed = paid(desk, client)
    client.v1.refunds.create({"payment_intent": crossed})
    desk.dispute(crossed)
    assert [m.amount for m in desk.truth() if m.payment_intent == crossed] == [5000, -5000, -5000]


# -------------------------------------------------------------------- the account's money


def test_balance_transactions_and_payouts(desk: StripeStandIn, client: StripeClient) -> None:
    first = paid(desk, client)
    client.v1.refunds.create({"payment_intent": first, "amount": 1000})
    assert [b.amount for b in client.v1.balance.retrieve().pending] == [4825]
    desk.advance(days=2)
    assert client.v1.balance.retrieve().available[0].amount == 3825
    payout = desk.pay_out()
    entries = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert [(entry.type, entry.net) for entry in entries] == [
        ("payout", -3825),
        ("refund", -1000),
        ("charge", 4825),
    ]
    assert sum(entry.net for entry in entries if entry.type != "payout") == payout["amount"]
    desk.advance(days=2)
    assert client.v1.payouts.retrieve(payout["id"]).status == "paid"
    assert client.v1.payouts.list({"status": "paid"}).data[0].automatic
    desk.fail_payout(payout["id"])
    assert desk.pay_out()["amount"] == 3825
    assert [m.kind for m in desk.truth()] == ["charge", "refund", "payout", "payout_failed", "payout"]
    told = ["payout.created", "payout.paid", "payout.reconciliation_completed", "payout.failed"]
    assert types(desk, payout["id"]) == told


def test_a_balance_transaction_may_come_after_the_charge(desk: StripeStandIn, client: StripeClient) -> None:
    desk.settings(balance_lag=60)
    intent = paid(desk, client)
    charge = client.v1.charges.list({"payment_intent": intent}).data[0]
    assert charge.balance_transaction is None
    desk.advance(minutes=1)
    assert client.v1.charges.retrieve(charge.id).balance_transaction
    assert "charge.updated" in types(desk, charge.id)


def test_the_account_says_who_it_is(desk: StripeStandIn, client: StripeClient) -> None:
    desk.set_account(charges_enabled=False, display_name="Chess Club")
    account = client.v1.accounts.retrieve_current()
    assert (account.id, account.country, account.default_currency) == ("acct_standin", "US", "usd")
    assert account.charges_enabled is False
    assert account.settings is not None and account.settings.dashboard is not None
    assert account.settings.dashboard.display_name == "Chess Club"


def test_lists_are_paged_and_narrowed_by_time(desk: StripeStandIn, client: StripeClient) -> None:
    customer = a_customer(client)
    ids = []
    for _ in range(5):
        ids.append(an_intent(client, customer).id)
        desk.advance(hours=1)
    page = client.v1.payment_intents.list({"limit": 2})
    assert ([found.id for found in page.data], page.has_more) == (ids[:2:-1], True)
    assert [found.id for found in page.auto_paging_iter()] == ids[::-1]
    since = int(desk.object(ids[2])["created"])
    assert [found.id for found in client.v1.payment_intents.list({"created": {"gte": since}}).data] == ids[
        :1:-1
    ]
    assert [found.id for found in client.v1.payment_intents.list({"created": {"lt": since}}).data] == ids[
        1::-1
    ]
    before = client.v1.payment_intents.list({"ending_before": ids[1], "limit": 2})
    assert ([found.id for found in before.data], before.has_more) == ([ids[3], ids[2]], True)


def test_search_lags_behind(desk: StripeStandIn, client: StripeClient) -> None:
    intent = an_intent(client, a_customer(client), metadata={"invoice": "i1"})
    query = "metadata['invoice']:'i1' AND status:'requires_payment_method'"
    assert client.v1.payment_intents.search({"query": query}).data == []
    desk.advance(minutes=1)
    assert [found.id for found in client.v1.payment_intents.search({"query": query}).data] == [intent.id]


def test_live_and_test_do_not_see_each_other(desk: StripeStandIn, client: StripeClient) -> None:
    live = client_of(desk.url, "rk_live_1")
    intent = an_intent(client, a_customer(client))
    with pytest.raises(
        stripe.InvalidRequestError, match="exists in test mode, but a live mode key"
    ) as refusal:
        live.v1.payment_intents.retrieve(intent.id)
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    customer = a_customer(live)
    card = desk.save_method(customer, "pm_card_visa", livemode=True)
    real = an_intent(live, customer, payment_method=card["id"], confirm=True)
    assert real.livemode is True
    assert [found.id for found in live.v1.payment_intents.list().data] == [real.id]
    assert desk.truth()[-1].livemode is True


def test_events_are_listed_with_a_snapshot(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client)
    listed = client.v1.events.list({"type": "payment_intent.*"}).data
    assert [event.type for event in listed] == ["payment_intent.succeeded", "payment_intent.created"]
    event = client.v1.events.retrieve(listed[0].id)
    assert (event.api_version, event.livemode) == ("2026-10-28.endive", False)
    assert event.data.object["id"] == intent
    assert event.request is not None and event.request.idempotency_key
    desk.advance(days=31)
    assert client.v1.events.list().data == []
