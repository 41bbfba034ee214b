"""Setup intents: /v1/setup_intents. Save a way to pay while the payer is present.

What the browser does with the processor's own fields, a test does by `complete` and `fail`.
"""

import copy

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.catalogue import TOKENS
from tests.stripe_stand_in.declines import Decline, of_card
from tests.stripe_stand_in.errors import Json, Problem, invalid, unexpected_state
from tests.stripe_stand_in.forms import flag, metadata, required
from tests.stripe_stand_in.kinds import computed
from tests.stripe_stand_in.methods import DEBITS, joined, mandated, resolved, usable_by

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(account: Account, call: Call) -> Json:
    params = call.params
    customer = params.get("customer") or None
    if customer:
        account.table("customer").find(customer, livemode=call.livemode, param="customer")
    method = None
    if params.get("payment_method"):
        method = resolved(account, params["payment_method"], livemode=call.livemode)
        usable_by(account, method, customer)
    intent = new(
        account, livemode=call.livemode, customer=customer, metadata_=metadata(params),
        kinds=computed(params, None), usage=params.get("usage") or "off_session",
        description=params.get("description") or None,
    )  # fmt: skip
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if flag(params, "confirm"):
        return confirm(account, call, intent["id"])
    return intent


def new(
    account: Account,
    *,
    livemode: bool,
    customer: str | None,
    metadata_: dict[str, str],
    kinds: list[str],
    usage: str = "off_session",
    description: str | None = None,
) -> Json:
    id_ = account.new_id("seti")
    intent: Json = {
        "id": id_,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": account.secret_of(id_),
        "created": account.clock.now(),
        "customer": customer,
        "description": description,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": livemode,
        "mandate": None,
        "metadata": metadata_,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": kinds,
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": usage,
    }
    account.table("setup_intent").add(intent, livemode=livemode)
    account.emit("setup_intent.created", intent, livemode=livemode)
    return intent


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("setup_intent").find(id_, livemode=call.livemode, param="intent")


def list_(account: Account, call: Call) -> Json:
    asked = {name: call.params.get(name) for name in ("customer", "payment_method")}
    return account.table("setup_intent").page(call.params, livemode=call.livemode, **asked)


def update(account: Account, call: Call, id_: str) -> Json:
    intent = retrieve(account, call, id_)
    intent["metadata"] = metadata(call.params, intent["metadata"])
    if "description" in call.params:
        intent["description"] = call.params["description"] or None
    return intent


def confirm(account: Account, call: Call, id_: str) -> Json:
    """From the server: with the payment method of the request or of the intent."""
    intent = retrieve(account, call, id_)
    if intent["status"] not in OPEN:
        raise unexpected_state(
            "setup_intent",
            f"This SetupIntent could not be confirmed because it has a status of {intent['status']}.",
            copy.deepcopy(intent),
        )
    method_id = call.params.get("payment_method") or intent["payment_method"]
    if not method_id:
        required({}, "payment_method")
    method = resolved(account, str(method_id), livemode=call.livemode)
    usable_by(account, method, intent["customer"])
    acceptance = call.params.get("mandate_data", {}).get("customer_acceptance")
    if method["type"] in DEBITS and not acceptance:
        raise invalid(
            "This SetupIntent requires a mandate. Please provide mandate_data.",
            code="setup_intent_mandate_invalid",
            param="mandate_data",
        )
    refusal = TOKENS[account.methods[method["id"]].token].setup
    if refusal != "succeed":
        raise _refused(account, intent, method, of_card(refusal))
    return finish(account, intent, method, acceptance)


def finish(account: Account, intent: Json, method: Json, acceptance: Json | None) -> Json:
    """Saved: attached to the customer, set up, with a mandate where it is a bank account."""
    notes = account.methods[method["id"]]
    if method["customer"] is None and intent["customer"]:
        joined(account, method, intent["customer"])
    notes.set_up = intent["usage"] == "off_session"
    if method["type"] in DEBITS:
        intent["mandate"] = mandated(account, method, acceptance)
    intent |= {
        "payment_method": method["id"],
        "status": "succeeded",
        "last_setup_error": None,
        "next_action": None,
    }
    account.emit("setup_intent.succeeded", intent, livemode=intent["livemode"])
    return intent


def _refused(account: Account, intent: Json, method: Json, decline: Decline) -> Problem:
    fail(account, intent, method, decline)
    return Problem(
        402,
        decline.message,
        kind="card_error",
        setup_intent=copy.deepcopy(intent),
        payment_method=copy.deepcopy(method),
        **decline.fields(),
    )


def fail(account: Account, intent: Json, method: Json | None, decline: Decline) -> None:
    if intent["status"] not in OPEN:
        raise invalid(f"The setup intent is {intent['status']}.")
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_setup_error": {
            "message": decline.message,
            "payment_method": copy.deepcopy(method),
            "type": "card_error",
            **decline.fields(),
        },
    }
    account.emit("setup_intent.setup_failed", intent, livemode=intent["livemode"])


def cancel(account: Account, call: Call, id_: str) -> Json:
    intent = retrieve(account, call, id_)
    if intent["status"] not in OPEN:
        raise unexpected_state(
            "setup_intent",
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.",
            copy.deepcopy(intent),
        )
    close(account, intent, call.params.get("cancellation_reason") or None)
    return intent


def close(account: Account, intent: Json, reason: str | None) -> None:
    intent |= {"status": "canceled", "cancellation_reason": reason}
    account.emit("setup_intent.canceled", intent, livemode=intent["livemode"])
