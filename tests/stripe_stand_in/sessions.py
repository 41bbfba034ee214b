"""Checkout sessions, mode=setup: /v1/checkout/sessions. The hosted page is one of ours (pages.py)."""

from tests.stripe_stand_in import setups
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.catalogue import TOKENS
from tests.stripe_stand_in.clock import DAY, HOUR
from tests.stripe_stand_in.declines import of_card
from tests.stripe_stand_in.errors import Json, invalid
from tests.stripe_stand_in.forms import metadata, required, whole
from tests.stripe_stand_in.kinds import computed
from tests.stripe_stand_in.methods import from_token

UI_MODES = ("hosted_page", "embedded_page", "elements", "form")


def create(account: Account, call: Call) -> Json:
    params = call.params
    mode = required(params, "mode")
    if mode != "setup":
        raise invalid("The stand-in knows sessions of mode=setup only.", param="mode")
    customer = params.get("customer") or None
    if customer:
        account.table("customer").find(customer, livemode=call.livemode, param="customer")
    ui_mode = params.get("ui_mode") or "hosted_page"
    if ui_mode not in UI_MODES:
        raise invalid(f"Invalid ui_mode: must be one of {', '.join(UI_MODES)}", param="ui_mode")
    hosted = ui_mode == "hosted_page"
    required(params, "success_url" if hosted else "return_url")
    if not params.get("allowed_payment_method_types"):
        required(params, "currency")
    kinds = computed(params, params.get("currency") or None)
    intent_data = params.get("setup_intent_data") or {}
    intent = setups.new(
        account, livemode=call.livemode, customer=customer, metadata_=metadata(intent_data),
        kinds=kinds, description=intent_data.get("description"),
    )  # fmt: skip
    now = account.clock.now()
    expires = whole(params, "expires_at") or now + DAY
    if not now + HOUR // 2 <= expires <= now + DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    session = _new(account, call, intent, expires)
    session["url"] = f"{account.base_url}/c/pay/{session['id']}" if hosted else None
    account.clock.at(expires, lambda: _close(account, session) if session["status"] == "open" else None)
    return session


def _new(account: Account, call: Call, intent: Json, expires: int) -> Json:
    params = call.params
    id_ = account.new_id("cs_live" if call.livemode else "cs_test")
    session: Json = {
        "id": id_,
        "object": "checkout.session",
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url") or None,
        "client_reference_id": params.get("client_reference_id") or None,
        "client_secret": None,
        "created": account.clock.now(),
        "currency": params.get("currency") or None,
        "custom_fields": [],
        "custom_text": {},
        "customer": intent["customer"],
        "customer_creation": None,
        "customer_details": None,
        "customer_email": params.get("customer_email") or None,
        "expires_at": expires,
        "invoice": None,
        "livemode": call.livemode,
        "locale": params.get("locale") or None,
        "metadata": metadata(params),
        "mode": "setup",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_options": {},
        "payment_method_types": intent["payment_method_types"],
        "payment_status": "no_payment_required",
        "return_url": params.get("return_url") or None,
        "setup_intent": intent["id"],
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params.get("success_url") or None,
        "ui_mode": params.get("ui_mode") or "hosted_page",
        "url": None,
    }
    return account.table("checkout.session").add(session, livemode=call.livemode)


def complete(account: Account, session: Json, token: str) -> bool:
    """The member fills in the page with a test method. False when the bank refuses it: the session stays open."""
    if session["status"] != "open":
        raise invalid(f"The session is {session['status']}.")
    intent = account.table("setup_intent").find(session["setup_intent"], livemode=session["livemode"])
    if TOKENS[token].kind not in intent["payment_method_types"]:
        raise invalid(f"The page offers {intent['payment_method_types']} only.")
    method = from_token(account, token, livemode=session["livemode"])
    if TOKENS[token].setup != "succeed":
        setups.fail(account, intent, method, of_card(TOKENS[token].setup))
        return False
    setups.finish(account, intent, method, None)
    session |= {"status": "complete", "url": None, "customer_details": {"email": session["customer_email"]}}
    account.emit("checkout.session.completed", session, livemode=session["livemode"])
    return True


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("checkout.session").find(id_, livemode=call.livemode, param="session")


def list_(account: Account, call: Call) -> Json:
    asked = {name: call.params.get(name) for name in ("customer", "status")}
    return account.table("checkout.session").page(call.params, livemode=call.livemode, **asked)


def expire(account: Account, call: Call, id_: str) -> Json:
    session = retrieve(account, call, id_)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Session has a status of '
            f"{session['status']}."
        )
    _close(account, session)
    return session


def _close(account: Account, session: Json) -> None:
    session |= {"status": "expired", "url": None}
    intent = account.table("setup_intent").find(session["setup_intent"], livemode=session["livemode"])
    setups.close(account, intent, "abandoned")
    account.emit("checkout.session.expired", session, livemode=session["livemode"])
