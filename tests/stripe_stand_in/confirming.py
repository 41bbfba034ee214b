"""The confirmation of a payment intent: where money moves, or does not.

requires_payment_method / requires_confirmation / requires_action
    → succeeded            the card was charged
    → requires_payment_method, 402    it was declined (also: authentication required, payer absent)
    → requires_action      the bank asks for the payer, who is present
    → processing           a bank debit, for days (debits.py)
    → canceled             declined once too often
"""

import copy

from tests.stripe_stand_in import charges, debits
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.declines import Decline, of_card
from tests.stripe_stand_in.errors import Json, Problem, invalid, unexpected_state
from tests.stripe_stand_in.forms import flag, metadata
from tests.stripe_stand_in.methods import DEBITS, joined, mandated, resolved, usable_by

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
ABSENT = {"true", "recurring", "one_off"}


def confirm(account: Account, call: Call, id_: str) -> Json:
    intent = account.table("payment_intent").find(id_, livemode=call.livemode, param="intent")
    params = call.params
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state("payment_intent", _why_not(intent), copy.deepcopy(intent))
    method_id = params.get("payment_method") or intent["payment_method"]
    if not method_id:
        raise unexpected_state(
            "payment_intent",
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            copy.deepcopy(intent),
        )
    method = resolved(account, method_id, livemode=call.livemode)
    absent = params.get("off_session", "false") in ABSENT
    _check(account, intent, method, params, absent=absent)
    notes = account.intents[id_]
    if method["type"] in DEBITS:
        if params.get("mandate_data"):
            mandated(account, method, params["mandate_data"].get("customer_acceptance"))
        notes.mandate = account.methods[method["id"]].mandate
    if account.confirm_merges_metadata:
        intent["metadata"] = metadata(params, intent["metadata"])
    notes.confirmations += 1
    notes.return_url = params.get("return_url")
    intent |= {"payment_method": method["id"], "next_action": None, "last_payment_error": None}
    if params.get("setup_future_usage"):
        intent["setup_future_usage"] = params["setup_future_usage"]
    if method["type"] in DEBITS:
        debits.present(account, intent, method)
    else:
        _charge_card(
            account, intent, method, absent=absent, fails_on_action=flag(params, "error_on_requires_action")
        )
    return intent


def _why_not(intent: Json) -> str:
    if intent["status"] == "succeeded":
        return (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously "
            "confirmed."
        )
    return (
        f"This PaymentIntent could not be confirmed because it has a status of {intent['status']}. Only a "
        f"PaymentIntent with one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}."
    )


def _check(account: Account, intent: Json, method: Json, params: Json, *, absent: bool) -> None:
    """What Stripe looks at before anything happens; raises 400."""
    usable_by(account, method, intent["customer"])
    kind = method["type"]
    if kind not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please attach a PaymentMethod "
            f"of one of the following types: {', '.join(intent['payment_method_types'])}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    if absent and params.get("setup_future_usage"):
        raise invalid(
            "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent.",
            param="off_session",
        )
    redirects = intent["automatic_payment_methods"]["allow_redirects"] == "always"
    if (
        redirects
        and not intent["allowed_payment_method_types"]
        and not absent
        and not params.get("return_url")
    ):
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`.",
            param="return_url",
        )
    if kind in DEBITS:
        _check_debit(account, method, params)


def _check_debit(account: Account, method: Json, params: Json) -> None:
    if method["type"] == "us_bank_account" and method["us_bank_account"]["status_details"].get("blocked"):
        raise invalid(
            "The bank account of this PaymentMethod has been blocked.",
            code="payment_method_bank_account_blocked",
            param="payment_method",
        )
    notes = account.methods[method["id"]]
    mandate = account.table("mandate").get(notes.mandate) if notes.mandate else None
    if not params.get("mandate_data") and (mandate is None or mandate["status"] != "active"):
        raise invalid(
            f"The PaymentMethod {method['id']} requires a mandate. Please provide mandate_data, or a PaymentMethod "
            "whose mandate is active.",
            code="payment_intent_mandate_invalid",
            param="mandate_data",
        )


def _charge_card(
    account: Account, intent: Json, method: Json, *, absent: bool, fails_on_action: bool
) -> None:
    notes = account.methods[method["id"]]
    outcome = notes.outcome_at(account.clock.now())
    asks = (
        outcome == "authenticate"
        or (outcome == "authenticate_unless_set_up" and not (notes.set_up and absent))
        or (outcome == "authenticate_on_session" and not absent)
    )
    if asks and (absent or fails_on_action):
        raise refuse(account, intent, method, of_card("authentication_required"))
    if asks:
        _ask(account, intent)
    elif outcome.startswith(("succeed", "authenticate", "refund")):
        take(account, intent, method)
    else:
        raise refuse(account, intent, method, of_card(outcome))


def _ask(account: Account, intent: Json) -> None:
    """The payer is sent to the bank's page, which is one of ours (pages.py)."""
    return_url = account.intents[intent["id"]].return_url
    if return_url:
        to = {"return_url": return_url, "url": f"{account.base_url}/3ds/{intent['id']}"}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": to}
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": ""},
        }
    intent["status"] = "requires_action"
    account.emit("payment_intent.requires_action", intent, livemode=intent["livemode"])


def take(account: Account, intent: Json, method: Json) -> None:
    """The card is charged."""
    charge = charges.make(account, intent, method, status="succeeded")
    charges.succeed(account, charge)
    succeeded(account, intent, charge)
    usage = intent["setup_future_usage"]
    if usage:
        account.methods[method["id"]].set_up = usage == "off_session"
        if method["customer"] is None:
            joined(account, method, intent["customer"])


def succeeded(account: Account, intent: Json, charge: Json) -> None:
    """The intent's own part of a success, card or debit."""
    intent |= {
        "status": "succeeded",
        "amount_received": charge["amount_captured"],
        "next_action": None,
        "processing": None,
        "last_payment_error": None,
    }
    account.emit("payment_intent.succeeded", intent, livemode=intent["livemode"])


def refuse(account: Account, intent: Json, method: Json, decline: Decline) -> Problem:
    """A failed charge; the intent wants another way to pay, or has been confirmed too often. The 402 to raise."""
    charge = charges.make(account, intent, method, status="failed", decline=decline)
    account.emit("charge.failed", charge, livemode=intent["livemode"])
    failed(account, intent, method, charge, decline, kind="card_error")
    return Problem(
        402,
        decline.message,
        kind="card_error",
        charge=charge["id"],
        payment_intent=copy.deepcopy(intent),
        payment_method=copy.deepcopy(method),
        **decline.fields(),
    )


def failed(
    account: Account, intent: Json, method: Json, charge: Json | None, decline: Decline, *, kind: str
) -> None:
    """The intent's own part of a failure: back to the start with `last_payment_error`, or canceled for good."""
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "processing": None,
        "last_payment_error": {
            "charge": charge["id"] if charge else None,
            "message": decline.message,
            "payment_method": copy.deepcopy(method),
            "type": kind,
            **decline.fields(),
        },
    }
    account.emit("payment_intent.payment_failed", intent, livemode=intent["livemode"])
    if account.intents[intent["id"]].confirmations >= account.settings.confirmation_limit:
        close(account, intent, "automatic")


def close(account: Account, intent: Json, reason: str | None) -> None:
    """Canceled: it can never charge again."""
    intent |= {
        "status": "canceled",
        "canceled_at": account.clock.now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    account.emit("payment_intent.canceled", intent, livemode=intent["livemode"])


def answer_bank(account: Account, intent: Json, *, succeed: bool) -> None:
    """The payer has answered the bank's question: the card is charged, or the confirmation has failed."""
    if intent["status"] != "requires_action":
        raise invalid(f"Nobody is asked: the intent is {intent['status']}.")
    method = account.table("payment_method").find(intent["payment_method"], livemode=intent["livemode"])
    if succeed:
        take(account, intent, method)
        return
    decline = Decline(
        "payment_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    )
    failed(account, intent, method, None, decline, kind="card_error")
