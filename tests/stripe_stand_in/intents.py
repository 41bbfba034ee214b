"""Payment intents: /v1/payment_intents, without their confirmation (confirming.py)."""

from tests.stripe_stand_in import confirming
from tests.stripe_stand_in.account import Account, Call, IntentNotes
from tests.stripe_stand_in.errors import Json, invalid, unexpected_state
from tests.stripe_stand_in.forms import flag, metadata, required, whole
from tests.stripe_stand_in.kinds import computed
from tests.stripe_stand_in.methods import resolved, usable_by

#: The least that may be charged, minor units; other currencies have none here.
LEAST = {"usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "chf": 50, "jpy": 50}
MOST = 99_999_999
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")


def create(account: Account, call: Call) -> Json:
    params = call.params
    currency = str(required(params, "currency")).lower()
    amount = _amount(params, currency)
    customer = params.get("customer") or None
    if customer:
        account.table("customer").find(customer, livemode=call.livemode, param="customer")
    if not flag(params, "confirm"):
        for name in ("off_session", "return_url", "mandate_data", "error_on_requires_action"):
            if params.get(name):
                raise invalid(
                    f"You cannot provide `{name}` without also setting `confirm` to true.", param=name
                )
    kinds = computed(params, currency)
    method = None
    if params.get("payment_method"):
        method = resolved(account, params["payment_method"], livemode=call.livemode)
        usable_by(account, method, customer)
    intent = _new(account, call, amount, currency, kinds)
    intent |= {"customer": customer, "payment_method": method["id"] if method else None}
    intent["status"] = "requires_confirmation" if method else "requires_payment_method"
    account.table("payment_intent").add(intent, livemode=call.livemode)
    account.intents[intent["id"]] = IntentNotes()
    account.emit("payment_intent.created", intent, livemode=call.livemode)
    if flag(params, "confirm"):
        return confirming.confirm(account, call, intent["id"])
    return intent


def _amount(params: Json, currency: str) -> int:
    required(params, "amount")
    amount = whole(params, "amount", least=1) or 0
    if amount < LEAST.get(currency, 1):
        raise invalid("Amount must convert to at least 50 cents.", param="amount", code="amount_too_small")
    if amount > MOST:
        raise invalid("Amount must be no more than $999,999.99", param="amount", code="amount_too_large")
    return amount


def _new(account: Account, call: Call, amount: int, currency: str, kinds: list[str]) -> Json:
    params = call.params
    id_ = account.new_id("pi")
    redirects = (params.get("automatic_payment_methods") or {}).get("allow_redirects", "always")
    return {
        "id": id_,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": account.secret_of(id_),
        "confirmation_method": "automatic",
        "created": account.clock.now(),
        "currency": currency,
        "customer": None,
        "description": params.get("description") or None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": call.livemode,
        "metadata": metadata(params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": params.get("payment_method_options") or {},
        "payment_method_types": kinds,
        "processing": None,
        "receipt_email": params.get("receipt_email") or None,
        "review": None,
        "setup_future_usage": params.get("setup_future_usage") or None,
        "shipping": None,
        "source": None,
        "statement_descriptor": params.get("statement_descriptor") or None,
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix") or None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("payment_intent").find(id_, livemode=call.livemode, param="intent")


def list_(account: Account, call: Call) -> Json:
    return account.table("payment_intent").page(
        call.params, livemode=call.livemode, customer=call.params.get("customer")
    )


def update(account: Account, call: Call, id_: str) -> Json:
    """Metadata and description at any time; amount, method and customer only while it can still be confirmed."""
    intent = retrieve(account, call, id_)
    params = call.params
    changes: Json = {}
    method = None
    if params.get("allowed_payment_method_types"):
        changes["allowed_payment_method_types"] = params["allowed_payment_method_types"]
        changes["payment_method_types"] = computed(params, intent["currency"])
    if params.get("payment_method"):
        method = resolved(account, params["payment_method"], livemode=call.livemode)
        changes["payment_method"] = method["id"]
    if params.get("amount"):
        changes["amount"] = _amount(params, intent["currency"])
    if params.get("customer"):
        account.table("customer").find(params["customer"], livemode=call.livemode, param="customer")
        changes["customer"] = params["customer"]
    if changes and intent["status"] not in CANCELABLE:
        raise unexpected_state(
            "payment_intent",
            f"This PaymentIntent's {sorted(changes)[0]} could not be updated because it has a status of "
            f"{intent['status']}. You may only update the {sorted(changes)[0]} of a PaymentIntent with one of the "
            f"following statuses: {', '.join(CANCELABLE)}.",
            dict(intent),
        )
    if method:
        usable_by(account, method, changes.get("customer") or intent["customer"])
        if intent["status"] == "requires_payment_method":
            changes["status"] = "requires_confirmation"
    if "description" in params:
        changes["description"] = params["description"] or None
    intent |= changes
    intent["metadata"] = metadata(params, intent["metadata"])
    return intent


def cancel(account: Account, call: Call, id_: str) -> Json:
    intent = retrieve(account, call, id_)
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            "payment_intent",
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
            dict(intent),
        )
    confirming.close(account, intent, call.params.get("cancellation_reason") or None)
    return intent
