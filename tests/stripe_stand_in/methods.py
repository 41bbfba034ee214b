"""Payment methods and mandates: /v1/payment_methods, /v1/customers/{id}/payment_methods, /v1/mandates.

A test token (catalogue.py) stands for a new payment method wherever it is used, as at Stripe.
"""

import hashlib
from typing import Any

from tests.stripe_stand_in.account import Account, Call, MethodNotes
from tests.stripe_stand_in.catalogue import TOKENS, TestMethod
from tests.stripe_stand_in.declines import BLOCKING, of_card
from tests.stripe_stand_in.errors import Json, Problem, invalid, missing
from tests.stripe_stand_in.forms import metadata, required

DEBITS = ("us_bank_account", "sepa_debit")


def _fingerprint(account: Account, text: str) -> str:
    return hashlib.sha256(f"{account.id}/{text}".encode()).hexdigest()[:16]


def from_token(account: Account, token: str, *, livemode: bool, **other: Any) -> Json:
    """A new, unattached payment method of what the token stands for. `other`: fingerprint, exp_month, exp_year.
    Raises KeyError for an unknown token."""
    stands_for = TOKENS[token]
    id_ = account.new_id("pm")
    fingerprint = other.get("fingerprint") or _fingerprint(account, stands_for.kind + stands_for.last4)
    method: Json = {
        "id": id_,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "created": account.clock.now(),
        "customer": None,
        "livemode": livemode,
        "metadata": {},
        "type": stands_for.kind,
        stands_for.kind: _shown(account, stands_for, fingerprint, other),
    }
    account.methods[id_] = MethodNotes(token, stands_for.outcome)
    return account.table("payment_method").add(method, livemode=livemode)


def _shown(account: Account, stands_for: TestMethod, fingerprint: str, other: Json) -> Json:
    if stands_for.kind == "card":
        return {
            "brand": stands_for.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": stands_for.brand,
            "exp_month": other.get("exp_month") or 12,
            "exp_year": other.get("exp_year") or account.clock.moment().year + 3,
            "fingerprint": fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": stands_for.last4,
            "networks": {"available": [stands_for.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }
    if stands_for.kind == "us_bank_account":
        return {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": stands_for.brand,
            "financial_connections_account": None,
            "fingerprint": fingerprint,
            "last4": stands_for.last4,
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": "110000000",
            "status_details": {},
        }
    return {
        "bank_code": stands_for.brand,
        "branch_code": "",
        "country": "AT",
        "fingerprint": fingerprint,
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": stands_for.last4,
    }


def resolved(account: Account, id_: str, *, livemode: bool, param: str = "payment_method") -> Json:
    """The payment method, or a new one for a test token (test mode only). Raises 404."""
    if id_ in TOKENS:
        if livemode:
            raise missing("PaymentMethod", id_, param=param, other_mode="test")
        return from_token(account, id_, livemode=False)
    return account.table("payment_method").find(id_, livemode=livemode, param=param)


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return resolved(account, id_, livemode=call.livemode)


def update(account: Account, call: Call, id_: str) -> Json:
    method = account.table("payment_method").find(id_, livemode=call.livemode)
    method["metadata"] = metadata(call.params, method["metadata"])
    for name, value in (call.params.get("billing_details") or {}).items():
        method["billing_details"][name] = value or None
    account.emit("payment_method.updated", method, livemode=call.livemode)
    return method


def list_(account: Account, call: Call) -> Json:
    """By customer; without one Stripe lists none of those attached."""
    customer = call.params.get("customer")
    if customer:
        account.table("customer").find(customer, livemode=call.livemode, param="customer")
    return _page(account, call, customer or "none")


def list_of_customer(account: Account, call: Call, customer: str) -> Json:
    account.table("customer").find(customer, livemode=call.livemode, param="customer")
    page = _page(account, call, customer)
    return page | {"url": f"/v1/customers/{customer}/payment_methods"}


def _page(account: Account, call: Call, customer: str) -> Json:
    return account.table("payment_method").page(
        call.params, livemode=call.livemode, customer=customer, type=call.params.get("type")
    )


def attach(account: Account, call: Call, id_: str) -> Json:
    """A card that declines when it is saved answers 402; one attached elsewhere or detached once, 400."""
    customer = required(call.params, "customer")
    account.table("customer").find(customer, livemode=call.livemode, param="customer")
    method = resolved(account, id_, livemode=call.livemode)
    notes = account.methods[method["id"]]
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.")
    if notes.detached:
        raise _used_up()
    refusal = TOKENS[notes.token].setup
    if refusal != "succeed":
        decline = of_card(refusal)
        raise Problem(402, decline.message, kind="card_error", **decline.fields())
    return joined(account, method, customer)


def joined(account: Account, method: Json, customer: str | None) -> Json:
    """Attaches, without further ado."""
    method["customer"] = customer
    if customer:
        account.emit("payment_method.attached", method, livemode=method["livemode"])
    return method


def detach(account: Account, call: Call, id_: str) -> Json:
    method = account.table("payment_method").find(id_, livemode=call.livemode)
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    before = {"customer": method["customer"]}
    method["customer"] = None
    account.methods[id_].detached = True
    account.emit("payment_method.detached", method, livemode=call.livemode, before=before)
    return method


def _used_up() -> Problem:
    return invalid(
        "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer,"
        " and may not be used again.",
        param="payment_method",
    )


def usable_by(account: Account, method: Json, customer: str | None) -> None:
    """Raises 400 if the method is another customer's, or was detached."""
    if account.methods[method["id"]].detached:
        raise _used_up()
    if method["customer"] and method["customer"] != customer:
        whose = f"belongs to the Customer {method['customer']}."
        if customer is None:
            raise invalid(
                f"The payment method you provided {whose} Please include the Customer.",
                param="payment_method",
            )
        raise invalid(
            f"The provided PaymentMethod cannot be attached. It {whose} You should attach it to {customer} instead.",
            param="payment_method",
        )


def mandated(account: Account, method: Json, acceptance: Json | None) -> str:
    """A new mandate for the method's debits; `acceptance` is mandate_data's."""
    mandate: Json = {
        "id": account.new_id("mandate"),
        "object": "mandate",
        "customer_acceptance": acceptance or {"accepted_at": account.clock.now(), "type": "online"},
        "livemode": method["livemode"],
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: {}},
        "status": "active",
        "type": "multi_use",
    }
    account.table("mandate").add(mandate, livemode=method["livemode"])
    account.methods[method["id"]].mandate = mandate["id"]
    return str(mandate["id"])


def withdraw_mandate(account: Account, method_id: str, network_code: str | None) -> None:
    """After a dispute or an unauthorised return: the mandate is inactive, and for some codes the account blocked."""
    notes, method = account.methods.get(method_id), account.table("payment_method").get(method_id)
    if notes is None or method is None or method["type"] not in DEBITS:
        return
    mandate = account.table("mandate").get(notes.mandate) if notes.mandate else None
    if mandate and mandate["status"] == "active":
        mandate["status"] = "inactive"
        account.emit("mandate.updated", mandate, livemode=method["livemode"], before={"status": "active"})
    reason = BLOCKING.get(network_code or "")
    if reason and method["type"] == "us_bank_account":
        method["us_bank_account"]["status_details"] = {
            "blocked": {"network_code": network_code, "reason": reason}
        }


def retrieve_mandate(account: Account, call: Call, id_: str) -> Json:
    return account.table("mandate").find(id_, livemode=call.livemode)
