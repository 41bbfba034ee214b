"""Charges and what they do to the balance: /v1/charges. Made by intents only, as the product makes them."""

from tests.stripe_stand_in import books
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.declines import Decline
from tests.stripe_stand_in.errors import Json
from tests.stripe_stand_in.forms import metadata


def make(
    account: Account, intent: Json, method: Json, *, status: str, decline: Decline | None = None
) -> Json:
    """A charge for the intent: succeeded, pending or failed. Its metadata are a snapshot of the intent's."""
    kind = method["type"]
    notes = account.intents[intent["id"]]
    amount = intent["amount"] if notes.receive is None else notes.receive
    failed = decline is not None
    details = {"type": kind, kind: dict(method[kind])}
    if kind != "card":
        details[kind]["mandate"] = notes.mandate
    charge: Json = {
        "id": account.new_id("ch" if kind == "card" else "py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": amount if status == "succeeded" else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": dict(method["billing_details"]),
        "captured": status != "failed",
        "created": account.clock.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "livemode": intent["livemode"],
        "metadata": dict(intent["metadata"]),
        "outcome": outcome(kind, decline),
        "paid": status != "failed",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": details,
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "statement_descriptor": None,
        "status": status,
    }
    account.table("charge").add(charge, livemode=intent["livemode"])
    intent["latest_charge"] = charge["id"]
    if not failed and kind != "card":
        books.enter_charge(account, charge)
    return charge


def outcome(kind: str, decline: Decline | None) -> Json:
    """What the network said."""
    return {
        "advice_code": decline.advice_code if decline else None,
        "network_advice_code": decline.network_advice_code if decline else None,
        "network_decline_code": decline.network_decline_code if decline else None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": (decline.decline_code or decline.code) if decline else None,
        "risk_level": "normal" if kind == "card" else "not_assessed",
        "seller_message": decline.message if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


def succeed(account: Account, charge: Json) -> None:
    """The money has been taken: it is in the truth from here on."""
    intent = account.table("payment_intent").get(charge["payment_intent"])
    notes = account.intents[charge["payment_intent"]]
    if intent is None:
        raise KeyError(charge["payment_intent"])
    taken = intent["amount"] if notes.receive is None else notes.receive
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": taken}
    account.moved(
        "charge", taken, charge, livemode=charge["livemode"],
        payment_intent=intent["id"], charge=charge["id"], customer=charge["customer"],
    )  # fmt: skip
    if charge["balance_transaction"] is None:
        books.enter_charge(account, charge)
    account.emit("charge.succeeded", charge, livemode=charge["livemode"])


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("charge").find(id_, livemode=call.livemode)


def update(account: Account, call: Call, id_: str) -> Json:
    charge = retrieve(account, call, id_)
    charge["metadata"] = metadata(call.params, charge["metadata"])
    account.emit("charge.updated", charge, livemode=call.livemode)
    return charge


def list_(account: Account, call: Call) -> Json:
    return account.table("charge").page(
        call.params,
        livemode=call.livemode,
        payment_intent=call.params.get("payment_intent"),
        customer=call.params.get("customer"),
    )
