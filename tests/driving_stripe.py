"""What tests of the Stripe stand-in, and those that use it by the SDK, do again and again."""

from typing import Any, cast

import pytest
import stripe
from stripe import StripeClient
from tests.stripe_stand_in import StripeStandIn

CARD: dict[str, Any] = {"allowed_payment_method_types": ["card"]}
DEBIT: dict[str, Any] = {"allowed_payment_method_types": ["us_bank_account"]}
CREATE = "/v1/payment_intents"
CONFIRM = "/v1/payment_intents/*/confirm"


def client_of(url: str, key: str = "sk_test_1") -> StripeClient:
    return StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(5, 20)),
    )


def create(client: StripeClient, *, key: str | None = None, **more: Any) -> stripe.PaymentIntent:
    params: Any = {"amount": 5000, "currency": "usd", "allowed_payment_method_types": ["card"], **more}
    return client.v1.payment_intents.create(params, {"idempotency_key": key} if key else {})


def confirm(
    client: StripeClient, intent: str, *, key: str, method: str = "pm_card_visa"
) -> stripe.PaymentIntent:
    return client.v1.payment_intents.confirm(intent, {"payment_method": method}, {"idempotency_key": key})


def code_of(refusal: pytest.ExceptionInfo[Any]) -> str | None:
    error = refusal.value.error
    return error.code if error is not None else None


def a_customer(client: StripeClient) -> str:
    return client.v1.customers.create({"email": "ada@example.org", "metadata": {"party": "p1"}}).id


def an_intent(client: StripeClient, customer: str, amount: int = 5000, **more: Any) -> stripe.PaymentIntent:
    params: Any = {"amount": amount, "currency": "usd", "customer": customer, **CARD, **more}
    return client.v1.payment_intents.create(params)


def paid(desk: StripeStandIn, client: StripeClient, token: str = "pm_card_visa", **more: Any) -> str:
    """The id of an intent that was confirmed off session with a saved method."""
    customer = a_customer(client)
    method = desk.save_method(customer, token)
    intent = an_intent(
        client, customer, **{"allowed_payment_method_types": ["card", "us_bank_account"], **more}
    )
    client.v1.payment_intents.confirm(intent.id, {"payment_method": method["id"], "off_session": True})
    return intent.id


def types(desk: StripeStandIn, object_id: str | None = None) -> list[str]:
    return [event["type"] for event in desk.events(object_id=object_id)]


def declined(client: StripeClient, intent: str, method: str, **more: Any) -> stripe.ErrorObject:
    with pytest.raises(stripe.CardError) as refusal:
        client.v1.payment_intents.confirm(intent, cast("Any", {"payment_method": method, **more}))
    assert refusal.value.http_status == 402
    assert refusal.value.error is not None
    return refusal.value.error
