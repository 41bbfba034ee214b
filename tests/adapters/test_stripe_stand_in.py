"""The stand-in for Stripe that other tests rely on: ways to pay, intents, bank debits, driven by the official SDK.

Its other parts: test_stripe_stand_in_money.py, _faults.py and _webhooks.py.
"""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import stripe
from stripe import StripeClient
from tests.driving_stripe import DEBIT, a_customer, an_intent, client_of, declined, paid, types
from tests.stripe_stand_in import StripeStandIn


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk:
        yield desk
        desk.check()


@pytest.fixture
def client(desk: StripeStandIn) -> StripeClient:
    return client_of(desk.url)


# -------------------------------------------------------------------- customers and ways to pay


def test_customers_are_made_found_and_listed(client: StripeClient) -> None:
    made = client.v1.customers.create(
        {"email": "ada@example.org", "name": "Ada", "metadata": {"party": "p1", "x": "y"}}
    )
    changed = client.v1.customers.update(made.id, {"metadata": {"x": "", "z": "1"}})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"party": "p1", "z": "1"}
    assert client.v1.customers.retrieve(made.id).email == "ada@example.org"
    client.v1.customers.create({"email": "bob@example.org"})
    assert [found.id for found in client.v1.customers.list({"email": "ada@example.org"}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve("cus_none")


def test_a_test_token_is_attached_as_a_new_method_and_detached_for_good(client: StripeClient) -> None:
    customer, other = a_customer(client), a_customer(client)
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    bank = client.v1.payment_methods.attach("pm_usBankAccount_success", {"customer": customer})
    assert card.card is not None and bank.us_bank_account is not None
    assert (card.card.brand, card.card.last4, card.card.exp_month) == ("visa", "4242", 12)
    assert (bank.us_bank_account.bank_name, bank.us_bank_account.last4) == ("STRIPE TEST BANK", "6789")
    again = client.v1.payment_methods.attach("pm_card_visa", {"customer": other})
    assert again.id != card.id
    assert again.card is not None and again.card.fingerprint == card.card.fingerprint
    assert {m.id for m in client.v1.customers.payment_methods.list(customer).data} == {card.id, bank.id}
    assert [m.id for m in client.v1.payment_methods.list({"customer": customer, "type": "card"}).data] == [
        card.id
    ]
    with pytest.raises(stripe.CardError, match="declined"):
        client.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer})
    client.v1.payment_methods.detach(card.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.payment_methods.attach(card.id, {"customer": customer})


def test_the_card_updater_tells_of_a_new_expiry(desk: StripeStandIn, client: StripeClient) -> None:
    card = desk.save_method(a_customer(client), "pm_card_visa", exp_month=3, exp_year=2026)
    desk.update_card(card["id"], exp_year=2031)
    shown = client.v1.payment_methods.retrieve(card["id"])
    assert shown.card is not None and shown.card.exp_year == 2031
    (event,) = desk.events("payment_method.automatically_updated")
    assert event["data"]["previous_attributes"] == {"card": {"exp_year": 2026}}


def test_a_setup_intent_saves_a_card_and_one_that_the_bank_refuses_does_not(
    desk: StripeStandIn, client: StripeClient
) -> None:
    customer = a_customer(client)
    intent = client.v1.setup_intents.create({"customer": customer, "usage": "off_session"})
    assert intent.status == "requires_payment_method"
    desk.complete_setup(intent.id, "pm_card_visa_chargeDeclined")
    failed = client.v1.setup_intents.retrieve(intent.id)
    assert failed.last_setup_error is not None and failed.last_setup_error.decline_code == "generic_decline"
    desk.complete_setup(intent.id, "pm_card_visa")
    saved = client.v1.setup_intents.retrieve(intent.id, {"expand": ["payment_method"]})
    assert saved.status == "succeeded"
    assert isinstance(saved.payment_method, stripe.PaymentMethod)
    assert saved.payment_method.customer == customer
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.setup_intents.cancel(intent.id)
    assert refusal.value.code == "setup_intent_unexpected_state"


def test_a_checkout_session_is_completed_on_its_page_and_leads_back(
    desk: StripeStandIn, client: StripeClient
) -> None:
    customer = a_customer(client)
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "currency": "usd",
            "customer": customer,
            "success_url": "https://app.example/back?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://app.example/",
            "metadata": {"party": "p1"},
        }
    )
    assert session.url is not None and session.url.startswith(desk.url)
    assert session.status == "open"
    path = urlsplit(session.url).path
    visitor = HTTPConnection("127.0.0.1", desk.port)
    visitor.request("GET", path)
    assert b"pm_usBankAccount_success" in visitor.getresponse().read()
    visitor.request("POST", path, "token=pm_usBankAccount_success")
    reply = visitor.getresponse()
    assert (reply.status, reply.headers["Location"]) == (
        303,
        f"https://app.example/back?session={session.id}",
    )
    visitor.close()
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert done.status == "complete"
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    assert isinstance(done.setup_intent.payment_method, stripe.PaymentMethod)
    assert done.setup_intent.payment_method.us_bank_account is not None
    assert isinstance(done.setup_intent.mandate, str)
    assert client.v1.mandates.retrieve(done.setup_intent.mandate).status == "active"
    assert "checkout.session.completed" in types(desk, session.id)
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_checkout_session_expires_when_told_and_after_a_day(
    desk: StripeStandIn, client: StripeClient
) -> None:
    ask: stripe.params.checkout.SessionCreateParams = {
        "mode": "setup", "currency": "usd", "success_url": "https://app.example/",
    }  # fmt: skip
    told, left = client.v1.checkout.sessions.create(ask), client.v1.checkout.sessions.create(ask)
    assert client.v1.checkout.sessions.expire(told.id).status == "expired"
    desk.advance(hours=23)
    assert client.v1.checkout.sessions.retrieve(left.id).status == "open"
    desk.advance(hours=1)
    assert client.v1.checkout.sessions.retrieve(left.id).status == "expired"


# -------------------------------------------------------------------- intents on cards


def test_created_then_confirmed_a_card_is_charged_once(desk: StripeStandIn, client: StripeClient) -> None:
    customer = a_customer(client)
    card = desk.save_method(customer, "pm_card_visa")
    intent = an_intent(client, customer, metadata={"org": "o1"})
    assert (intent.status, intent.livemode, desk.truth()) == ("requires_payment_method", False, [])
    assert intent.last_payment_error is None
    client.v1.payment_intents.update(intent.id, {"metadata": {"attempt": "a1"}})
    done = client.v1.payment_intents.confirm(
        intent.id,
        {"payment_method": card["id"], "off_session": True, "expand": ["latest_charge.balance_transaction"]},
    )
    assert (done.status, done.amount_received) == ("succeeded", 5000)
    charge = done.latest_charge
    assert isinstance(charge, stripe.Charge) and isinstance(
        charge.balance_transaction, stripe.BalanceTransaction
    )
    assert charge.metadata.to_dict() == {"org": "o1", "attempt": "a1"}
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (175, 4825)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card["id"], "off_session": True})
    assert refusal.value.code == "payment_intent_unexpected_state"
    error = refusal.value.error
    assert (
        error is not None and error.payment_intent is not None and error.payment_intent.status == "succeeded"
    )
    (movement,) = desk.truth()
    assert (movement.kind, movement.amount, movement.payment_intent) == ("charge", 5000, intent.id)
    assert movement.metadata == {"org": "o1", "attempt": "a1"}
    assert types(desk, intent.id) == ["payment_intent.created", "payment_intent.succeeded"]


def test_metadata_on_a_confirmation_are_refused_as_at_stripe_or_merged_when_asked(
    desk: StripeStandIn, client: StripeClient
) -> None:
    intent = an_intent(client, a_customer(client))
    told = {"payment_method": "pm_card_visa", "metadata": {"attempt": "a1"}}
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: metadata"):
        client.v1.payment_intents.confirm(intent.id, told)  # type: ignore[arg-type]
    with StripeStandIn(confirm_metadata="merge") as lenient:
        other = client_of(lenient.url)
        intent = an_intent(other, a_customer(other))
        assert other.v1.payment_intents.confirm(intent.id, told).metadata.to_dict() == {"attempt": "a1"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("token", "code", "decline_code", "advice", "network"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline", "try_again_later", "05"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "try_again_later",
            "51",
        ),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "do_not_try_again", "43"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "confirm_card_data", "54"),
    ],
)
def test_a_decline_says_why_and_leaves_the_intent_open(
    desk: StripeStandIn,
    client: StripeClient,
    token: str,
    code: str,
    decline_code: str,
    advice: str,
    network: str,
) -> None:
    customer = a_customer(client)
    card = desk.save_method(customer, token)
    intent = an_intent(client, customer)
    error = declined(client, intent.id, card["id"], off_session=True)
    assert (error.code, error.decline_code, error.advice_code) == (code, decline_code, advice)
    assert error.network_decline_code == network
    assert error.payment_intent is not None and error.payment_intent.status == "requires_payment_method"
    now = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert now.payment_method is None
    assert now.last_payment_error is not None and now.last_payment_error.decline_code == decline_code
    assert isinstance(now.latest_charge, stripe.Charge) and now.latest_charge.status == "failed"
    better = desk.save_method(customer, "pm_card_mastercard")
    assert (
        client.v1.payment_intents.confirm(intent.id, {"payment_method": better["id"]}).status == "succeeded"
    )
    assert [m.kind for m in desk.truth()] == ["charge"]


def test_a_scripted_card_declines_from_a_day_on(desk: StripeStandIn, client: StripeClient) -> None:
    customer = a_customer(client)
    card = desk.save_method(customer, "pm_card_visa")
    desk.script_method(card["id"], "lost_card", since=desk.now().replace(hour=23))
    first, second = an_intent(client, customer), an_intent(client, customer)
    client.v1.payment_intents.confirm(first.id, {"payment_method": card["id"]})
    desk.advance(days=1)
    assert declined(client, second.id, card["id"]).decline_code == "lost_card"
    desk.script_method(card["id"], "succeed")
    assert client.v1.payment_intents.confirm(second.id, {"payment_method": card["id"]}).status == "succeeded"


def test_declined_too_often_the_intent_is_canceled(desk: StripeStandIn, client: StripeClient) -> None:
    desk.settings(confirmation_limit=2)
    customer = a_customer(client)
    card = desk.save_method(customer, "pm_card_visa_chargeDeclined")
    intent = an_intent(client, customer)
    declined(client, intent.id, card["id"])
    error = declined(client, intent.id, card["id"])
    assert error.payment_intent is not None and error.payment_intent.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card["id"]})


def test_the_bank_asks_for_a_payer_who_is_absent_then_present(
    desk: StripeStandIn, client: StripeClient
) -> None:
    customer = a_customer(client)
    card = desk.save_method(customer, "pm_card_authenticationRequired")
    intent = an_intent(client, customer)
    error = declined(client, intent.id, card["id"], off_session=True)
    assert (error.code, error.decline_code) == ("authentication_required", "authentication_required")
    back = "https://app.example/back"
    asked = client.v1.payment_intents.confirm(intent.id, {"payment_method": card["id"], "return_url": back})
    assert asked.status == "requires_action"
    assert asked.next_action is not None and asked.next_action.redirect_to_url is not None
    url = asked.next_action.redirect_to_url.url
    assert url is not None and asked.next_action.redirect_to_url.return_url == back
    visitor = HTTPConnection("127.0.0.1", desk.port)
    visitor.request("POST", urlsplit(url).path, "answer=yes")
    location = visitor.getresponse().headers["Location"]
    visitor.close()
    assert location.startswith(f"{back}?payment_intent={intent.id}")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert "payment_intent.requires_action" in types(desk, intent.id)


def test_an_unanswered_question_fails_and_a_card_set_up_is_not_asked(
    desk: StripeStandIn, client: StripeClient
) -> None:
    customer = a_customer(client)
    intent = an_intent(client, customer)
    asked = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_threeDSecure2Required"})
    assert asked.next_action is not None and asked.next_action.type == "use_stripe_sdk"
    desk.authenticate(intent.id, succeed=False)
    failed = client.v1.payment_intents.retrieve(intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    card = desk.save_method(customer, "pm_card_authenticationRequiredOnSetup")
    absent: stripe.params.PaymentIntentConfirmParams = {
        "payment_method": card["id"],
        "off_session": "recurring",
    }
    assert client.v1.payment_intents.confirm(intent.id, absent).status == "succeeded"


def test_a_canceled_intent_never_charges(desk: StripeStandIn, client: StripeClient) -> None:
    intent = an_intent(client, a_customer(client))
    gone = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        client.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled") as refusal:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert desk.truth() == []
    done = paid(desk, client)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        client.v1.payment_intents.cancel(done)


def test_created_and_confirmed_in_one_call_and_in_part(desk: StripeStandIn, client: StripeClient) -> None:
    customer = a_customer(client)
    done = an_intent(client, customer, payment_method="pm_card_visa", confirm=True)
    assert done.status == "succeeded"
    intent = an_intent(client, customer)
    desk.receive_only(intent.id, 1200)
    part = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (part.status, part.amount, part.amount_received) == ("succeeded", 5000, 1200)
    assert desk.truth()[-1].amount == 1200


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 10, "currency": "usd"}, "amount_too_small"),
        ({"currency": "usd"}, "parameter_missing"),
        ({"amount": "ten", "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": 500, "currency": "usd", "surprise": "1"}, "parameter_unknown"),
        (
            {"amount": 500, "currency": "usd", "payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
        ),
        ({"amount": 500, "currency": "usd", "customer": "cus_none"}, "resource_missing"),
    ],
)
def test_what_cannot_be_is_refused(client: StripeClient, params: dict[str, object], code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.create(params)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_another_customers_method_is_refused(desk: StripeStandIn, client: StripeClient) -> None:
    theirs = desk.save_method(a_customer(client), "pm_card_visa")
    intent = an_intent(client, a_customer(client))
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": theirs["id"]})


# -------------------------------------------------------------------- bank debits


def test_a_debit_is_on_its_way_for_days_and_then_clears(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client, "pm_usBankAccount_success")
    now = client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    assert now.status == "processing"
    assert isinstance(now.latest_charge, stripe.Charge) and now.latest_charge.status == "pending"
    assert desk.truth() == []
    with pytest.raises(stripe.InvalidRequestError, match="processing"):
        client.v1.payment_intents.cancel(intent)
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        client.v1.refunds.create({"payment_intent": intent})
    desk.advance(days=3)
    assert client.v1.payment_intents.retrieve(intent).status == "processing"
    desk.advance(days=1)
    assert client.v1.payment_intents.retrieve(intent).status == "succeeded"
    assert [m.amount for m in desk.truth()] == [5000]
    assert types(desk, intent)[-2:] == ["payment_intent.processing", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("token", "code", "network"),
    [
        ("pm_usBankAccount_insufficientFunds", "insufficient_funds", "R01"),
        ("pm_usBankAccount_accountClosed", "account_closed", "R02"),
        ("pm_usBankAccount_debitNotAuthorized", "debit_not_authorized", "R10"),
    ],
)
def test_a_debit_comes_back(
    desk: StripeStandIn, client: StripeClient, token: str, code: str, network: str
) -> None:
    intent = paid(desk, client, token)
    desk.advance(days=4)
    failed = client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None and failed.last_payment_error.code == code
    assert failed.last_payment_error.network_decline_code == network
    assert isinstance(failed.latest_charge, stripe.Charge) and failed.latest_charge.failure_code == code
    booked = client.v1.balance_transactions.list({"source": failed.latest_charge.id}).data
    assert [(entry.type, entry.net) for entry in booked] == [
        ("payment_failure_refund", -4960),
        ("payment", 4960),
    ]
    assert desk.truth() == []
    method = failed.last_payment_error.payment_method
    assert method is not None
    if network != "R01":
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.payment_intents.confirm(intent, {"payment_method": method.id, "off_session": True})
        assert refusal.value.code == "payment_method_bank_account_blocked"


def test_a_debit_needs_a_mandate(desk: StripeStandIn, client: StripeClient) -> None:
    customer = a_customer(client)
    bank = client.v1.payment_methods.attach("pm_usBankAccount_success", {"customer": customer})
    intent = an_intent(client, customer, **DEBIT)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": bank.id})
    assert refusal.value.code == "payment_intent_mandate_invalid"
    confirmed = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": bank.id, "mandate_data": {"customer_acceptance": {"type": "offline"}}}
    )
    assert confirmed.status == "processing"
    desk.fail_debit(intent.id, "could_not_process")
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_cleared_debit_is_returned_late_as_a_dispute(desk: StripeStandIn, client: StripeClient) -> None:
    intent = paid(desk, client, "pm_usBankAccount_success")
    desk.clear_debit(intent)
    desk.advance(days=30)
    desk.return_debit(intent, reason="debit_not_authorized")
    (dispute,) = client.v1.disputes.list({"payment_intent": intent}).data
    assert (dispute.status, dispute.reason) == ("lost", "debit_not_authorized")
    assert (dispute.network_reason_code, dispute.is_charge_refundable) == ("R10", False)
    assert [(entry.amount, entry.fee, entry.type) for entry in dispute.balance_transactions] == [
        (-5000, 1500, "adjustment")
    ]
    assert client.v1.payment_intents.retrieve(intent).status == "succeeded"
    assert [m.kind for m in desk.truth()] == ["charge", "dispute"]
    told = ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"]
    assert types(desk, dispute.id) == told
    assert desk.events("mandate.updated")[0]["data"]["object"]["status"] == "inactive"


def test_sepa_debits_clear_too() -> None:
    with StripeStandIn(currency="eur", country="DE", account="acct_eur") as desk:
        client = client_of(desk.url)
        customer = a_customer(client)
        account = desk.save_method(customer, "pm_sepaDebit_success")
        assert account["sepa_debit"]["bank_code"] == "19043"
        intent = client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "customer": customer,
                "allowed_payment_method_types": ["sepa_debit"],
            }
        )
        client.v1.payment_intents.confirm(intent.id, {"payment_method": account["id"], "off_session": True})
        desk.advance(days=4)
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        desk.check()
