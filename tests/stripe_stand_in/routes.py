"""Which function answers which request, and which parameters it knows: the API, as far as it is stood in for.

Parameters of Stripe's that are accepted and have no effect here are listed with the others; any further one is
answered as Stripe answers an unknown one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.stripe_stand_in import (
    books,
    charges,
    confirming,
    customers,
    disputes,
    event_log,
    intents,
    methods,
    payouts,
    refunds,
    search,
    sessions,
    setups,
)
from tests.stripe_stand_in.errors import Json, no_route

PAGES = {"limit", "starting_after", "ending_before", "created"}
CUSTOMER = {
    "address", "description", "email", "invoice_settings", "metadata", "name", "phone", "preferred_locales",
}  # fmt: skip
INTENT = {
    "allowed_payment_method_types", "amount", "automatic_payment_methods", "confirm", "currency",
    "customer", "description", "error_on_requires_action", "excluded_payment_method_types", "mandate_data",
    "metadata", "off_session", "payment_method", "payment_method_options", "receipt_email", "return_url",
    "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix",
}  # fmt: skip
CONFIRMATION = {
    "allowed_payment_method_types", "error_on_requires_action", "excluded_payment_method_types",
    "mandate_data", "off_session", "payment_method", "payment_method_options", "receipt_email",
    "return_url", "setup_future_usage", "use_stripe_sdk",
}  # fmt: skip
SETUP = {
    "allowed_payment_method_types", "automatic_payment_methods", "confirm", "customer", "description",
    "excluded_payment_method_types", "mandate_data", "metadata", "payment_method", "payment_method_options",
    "return_url", "usage", "use_stripe_sdk",
}  # fmt: skip
SESSION = {
    "allowed_payment_method_types", "billing_address_collection", "branding_settings", "cancel_url",
    "client_reference_id", "consent_collection", "currency", "custom_text", "customer", "customer_creation",
    "customer_email", "customer_update", "excluded_payment_method_types", "expires_at", "locale",
    "metadata", "mode", "payment_method_options", "return_url", "setup_intent_data", "submit_type",
    "success_url", "ui_mode",
}  # fmt: skip
UPDATE = {
    "allowed_payment_method_types", "amount", "customer", "description", "excluded_payment_method_types", "metadata",
    "payment_method",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """`name`: method and pattern, as the rate limits count endpoints."""

    name: str
    method: str
    pattern: re.Pattern[str]
    answer: Callable[..., Json]
    params: frozenset[str]


def _route(line: str, answer: Callable[..., Json], params: set[str] | None = None) -> Route:
    method, path = line.split()
    pattern = re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path))
    return Route(line, method, pattern, answer, frozenset((params or set()) | {"expand"}))


ROUTES = [
    _route("GET /v1/account", books.account_itself),
    _route("GET /v1/accounts/{id}", books.account_itself),
    _route("GET /v1/balance", books.balance),
    _route("GET /v1/balance_transactions", books.list_, PAGES | {"payout", "source", "type", "currency"}),
    _route("GET /v1/balance_transactions/{id}", books.retrieve),
    _route("POST /v1/customers", customers.create, CUSTOMER),
    _route("GET /v1/customers", customers.list_, PAGES | {"email"}),
    _route("GET /v1/customers/{id}", customers.retrieve),
    _route("POST /v1/customers/{id}", customers.update, CUSTOMER),
    _route("GET /v1/customers/{id}/payment_methods", methods.list_of_customer, PAGES | {"type", "allow_redisplay"}),
    _route("GET /v1/payment_methods", methods.list_, PAGES | {"customer", "type", "allow_redisplay"}),
    _route("GET /v1/payment_methods/{id}", methods.retrieve),
    _route("POST /v1/payment_methods/{id}", methods.update, {"metadata", "billing_details", "allow_redisplay"}),
    _route("POST /v1/payment_methods/{id}/attach", methods.attach, {"customer"}),
    _route("POST /v1/payment_methods/{id}/detach", methods.detach),
    _route("GET /v1/mandates/{id}", methods.retrieve_mandate),
    _route("POST /v1/setup_intents", setups.create, SETUP),
    _route("GET /v1/setup_intents", setups.list_, PAGES | {"customer", "payment_method"}),
    _route("GET /v1/setup_intents/{id}", setups.retrieve, {"client_secret"}),
    _route("POST /v1/setup_intents/{id}", setups.update, {"metadata", "description"}),
    _route("POST /v1/setup_intents/{id}/confirm", setups.confirm,
           {"payment_method", "mandate_data", "return_url", "payment_method_options", "use_stripe_sdk"}),
    _route("POST /v1/setup_intents/{id}/cancel", setups.cancel, {"cancellation_reason"}),
    _route("POST /v1/checkout/sessions", sessions.create, SESSION),
    _route("GET /v1/checkout/sessions", sessions.list_, PAGES | {"customer", "status"}),
    _route("GET /v1/checkout/sessions/{id}", sessions.retrieve),
    _route("POST /v1/checkout/sessions/{id}/expire", sessions.expire),
    _route("POST /v1/payment_intents", intents.create, INTENT),
    _route("GET /v1/payment_intents", intents.list_, PAGES | {"customer"}),
    _route("GET /v1/payment_intents/search", search.intents, {"query", "limit", "page"}),
    _route("GET /v1/payment_intents/{id}", intents.retrieve, {"client_secret"}),
    _route("POST /v1/payment_intents/{id}", intents.update, UPDATE),
    _route("POST /v1/payment_intents/{id}/confirm", confirming.confirm, CONFIRMATION),
    _route("POST /v1/payment_intents/{id}/cancel", intents.cancel, {"cancellation_reason"}),
    _route("GET /v1/charges", charges.list_, PAGES | {"payment_intent", "customer"}),
    _route("GET /v1/charges/{id}", charges.retrieve),
    _route("POST /v1/charges/{id}", charges.update, {"metadata", "description"}),
    _route("POST /v1/refunds", refunds.create, {"payment_intent", "charge", "amount", "metadata", "reason"}),
    _route("GET /v1/refunds", refunds.list_, PAGES | {"payment_intent", "charge"}),
    _route("GET /v1/refunds/{id}", refunds.retrieve),
    _route("POST /v1/refunds/{id}", refunds.update, {"metadata"}),
    _route("POST /v1/refunds/{id}/cancel", refunds.cancel),
    _route("GET /v1/disputes", disputes.list_, PAGES | {"payment_intent", "charge"}),
    _route("GET /v1/disputes/{id}", disputes.retrieve),
    _route("POST /v1/disputes/{id}", disputes.update, {"evidence", "metadata", "submit"}),
    _route("POST /v1/disputes/{id}/close", disputes.accept),
    _route("GET /v1/payouts", payouts.list_, PAGES | {"status", "arrival_date"}),
    _route("GET /v1/payouts/{id}", payouts.retrieve),
    _route("GET /v1/events", event_log.list_, PAGES | {"type", "types", "delivery_success"}),
    _route("GET /v1/events/{id}", event_log.retrieve),
]  # fmt: skip


def route_of(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route and the ids in the path. Raises Stripe's 404."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match:
            return route, match.groups()
    raise no_route(method, path)
