"""Customers: /v1/customers."""

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.errors import Json
from tests.stripe_stand_in.forms import metadata

TEXTS = ("name", "email", "phone", "description")


def create(account: Account, call: Call) -> Json:
    params = call.params
    customer: Json = {
        "id": account.new_id("cus"),
        "object": "customer",
        "address": params.get("address"),
        "balance": 0,
        "created": account.clock.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "invoice_settings": {"default_payment_method": None, "custom_fields": None, "footer": None},
        "livemode": call.livemode,
        "metadata": metadata(params),
        "preferred_locales": params.get("preferred_locales") or [],
        "shipping": None,
        "tax_exempt": "none",
        **{name: params.get(name) or None for name in TEXTS},
    }
    account.table("customer").add(customer, livemode=call.livemode)
    account.emit("customer.created", customer, livemode=call.livemode)
    return customer


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("customer").find(id_, livemode=call.livemode)


def update(account: Account, call: Call, id_: str) -> Json:
    customer = retrieve(account, call, id_)
    params = call.params
    customer |= {name: params[name] or None for name in TEXTS if name in params}
    if "address" in params:
        customer["address"] = params["address"] or None
    if "invoice_settings" in params:
        customer["invoice_settings"] |= params["invoice_settings"]
    customer["metadata"] = metadata(params, customer["metadata"])
    account.emit("customer.updated", customer, livemode=call.livemode)
    return customer


def list_(account: Account, call: Call) -> Json:
    return account.table("customer").page(call.params, livemode=call.livemode, email=call.params.get("email"))
