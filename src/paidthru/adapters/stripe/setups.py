"""Saving a way to pay on Stripe's own page (a hosted Checkout Session), and what is known of a saved one.

The number is typed at Stripe and never comes here (A-02, C-15).
"""

from typing import Any, Literal

from paidthru.adapters.stripe.calls import Account, facts_of
from paidthru.adapters.stripe.errors import Facts
from paidthru.adapters.stripe.reading import expanded, flag, id_of, method, read
from paidthru.payments.gateway import GatewayMethod, GatewayRejected, GatewaySetup, SetupRequest

#: Bank debits by the currency that they collect in.
DEBITS = {"USD": "us_bank_account", "EUR": "sepa_debit"}
_STATUS: dict[str, Literal["open", "complete", "expired"]] = {
    "open": "open", "complete": "complete", "expired": "expired",
}  # fmt: skip
NO_SUCH_SETUP, NO_SUCH_METHOD = "no_such_setup", "no_such_method"


def allowed_types(currency: str, kinds: tuple[str, ...] = ("card", "bank")) -> list[str]:
    """Stripe's names of the ways to pay that may be offered in a currency; it leaves out what the account lacks."""
    debit = DEBITS.get(currency) if "bank" in kinds else None
    return [*(["card"] if "card" in kinds else []), *([debit] if debit else [])]


def start(account: Account, request: SetupRequest, key: str) -> GatewaySetup:
    """See the port. A customer is made if none is known yet, once for a party within a key's life."""
    types = allowed_types(request.currency, request.kinds)
    if not types:
        raise GatewayRejected(
            f"Bank debits are not offered in {request.currency}.", code="method_unsupported"
        )
    noted = {**request.metadata, "party": request.party, "instance": account.instance}
    customer = request.customer_ref or _new_customer(account, request)
    asked: Any = {
        "mode": "setup",
        "customer": customer,
        "allowed_payment_method_types": types,
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "metadata": noted,
        "setup_intent_data": {"metadata": noted},
        "expand": ["setup_intent.payment_method"],
    }
    facts = facts_of(lambda: account.api.checkout.sessions.create(asked, account.keyed(key)))
    return _setup(account, facts)


def _new_customer(account: Account, request: SetupRequest) -> str:
    asked: Any = {
        "name": request.name,
        **({"email": request.email} if request.email else {}),
        "metadata": {"party": request.party, "instance": account.instance},
    }
    key = account.keyed(f"customer:{request.party}")
    return read(lambda facts: str(facts["id"]), facts_of(lambda: account.api.customers.create(asked, key)))


def fetch(account: Account, ref: str) -> GatewaySetup:
    """See the port."""
    facts = facts_of(
        lambda: account.api.checkout.sessions.retrieve(ref, {"expand": ["setup_intent.payment_method"]}),
        missing=NO_SUCH_SETUP,
    )
    return _setup(account, facts)


def _setup(account: Account, facts: Facts) -> GatewaySetup:
    found = read(_of_session, facts)
    if found.livemode != account.livemode:
        raise GatewayRejected("The saving is of the other mode.", code="wrong_mode")
    return found


def _of_session(facts: Facts) -> GatewaySetup:
    status, url = _STATUS[facts["status"]], facts.get("url")
    intent = expanded(facts.get("setup_intent"))
    saved = None
    if status == "complete":
        if intent["status"] == "succeeded":
            saved = _with_mandate(method(intent["payment_method"]), id_of(intent.get("mandate")))
        else:  # the bank account is yet to be verified, by small deposits
            status, url = "open", _verification(intent)
    return GatewaySetup(
        ref=str(facts["id"]),
        status=status,
        url=str(url) if url and status == "open" else None,
        customer_ref=id_of(facts.get("customer")),
        livemode=flag(facts, "livemode"),
        method=saved,
    )


def _with_mandate(saved: GatewayMethod, mandate: str) -> GatewayMethod:
    return GatewayMethod(
        saved.token, saved.kind, saved.brand, saved.last4, saved.exp_month, saved.exp_year, saved.fingerprint,
        saved.customer_ref, mandate,
    )  # fmt: skip


def _verification(intent: Facts) -> str | None:
    action = expanded(intent.get("next_action"))
    url = expanded(action.get("verify_with_microdeposits")).get("hosted_verification_url")
    return str(url) if url else None


def fetch_method(account: Account, token: str) -> GatewayMethod:
    """See the port."""
    facts = facts_of(lambda: account.api.payment_methods.retrieve(token), missing=NO_SUCH_METHOD)
    if read(lambda found: flag(found, "livemode"), facts) != account.livemode:
        raise GatewayRejected("The way to pay is of the other mode.", code="wrong_mode")
    return read(method, facts)


def detach(account: Account, token: str) -> None:
    """See the port. One that belongs to nobody any more is forgotten already."""
    key = account.keyed(f"detach:{token}")
    try:
        facts_of(lambda: account.api.payment_methods.detach(token, None, key), missing=NO_SUCH_METHOD)
    except GatewayRejected as refused:
        if refused.code == NO_SUCH_METHOD:
            return
        left = facts_of(lambda: account.api.payment_methods.retrieve(token), missing=NO_SUCH_METHOD)
        if id_of(left.get("customer")):
            raise
