"""Stripe as a gateway: two-step intents, refunds, disputes, its balance, and saving a way to pay."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import stripe

from paidthru.adapters.stripe import setups
from paidthru.adapters.stripe.amounts import to_stripe
from paidthru.adapters.stripe.calls import Account, every, facts_of, listed
from paidthru.adapters.stripe.errors import Facts, error_facts
from paidthru.adapters.stripe.lines import balance_lines
from paidthru.adapters.stripe.reading import dispute, intent, moves_no_money, read, refund
from paidthru.adapters.stripe.trace import trace
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_SUCH_INTENT,
    Capabilities,
    Confirmation,
    GatewayAccountFacts,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayIntent,
    GatewayMethod,
    GatewayRefund,
    GatewayRejected,
    GatewaySetup,
    IntentRequest,
    RefundRequest,
    SetupRequest,
    TraceLine,
)

NAME = "stripe"
NO_SUCH_REFUND, NO_SUCH_DISPUTE = "no_such_refund", "no_such_dispute"

_CAPABILITIES = Capabilities(
    two_step=True,
    fence=True,
    lookup="consistent",
    max_in_flight=32,
    online=True,
    per_second=15,  # of 25 a second an endpoint, the rest for people (C.9)
)
_CHARGE = ["latest_charge"]


class StripeGateway:
    """The gateway of one Stripe account, as its secret key opens it. Its calls are as the port says.

    `instance` names this installation in keys and metadata; `base_address` is for tests.
    """

    name = NAME
    capabilities = _CAPABILITIES

    def __init__(self, secret_key: str, *, instance: str, livemode: bool, base_address: str = "") -> None:
        self._account = Account(secret_key, instance=instance, livemode=livemode, base_address=base_address)

    def __repr__(self) -> str:
        return f"<Gateway of {self._account!r}>"

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """See the port. What the account can't collect by is left out by Stripe itself."""
        params: Any = {
            "amount": to_stripe(request.amount_minor, request.currency),
            "currency": request.currency.lower(),
            "customer": request.customer_ref,
            "allowed_payment_method_types": setups.allowed_types(request.currency),
            "metadata": {**request.metadata, **_named(request.attempt), "instance": self._account.instance},
            "expand": _CHARGE,
        }
        options = self._account.keyed(key)
        return read(intent, facts_of(lambda: self._account.api.payment_intents.create(params, options)))

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """See the port. Stripe's confirmation takes no metadata: the attempt is written on the intent before, with
        its making or else now, and its charge carries it from then on."""
        if not confirmation.noted:
            self._note(ref, confirmation, key)
        params: Any = {"payment_method": confirmation.method_token, "expand": _CHARGE}
        if confirmation.off_session:
            params["off_session"] = True
        elif confirmation.return_url:
            params["return_url"] = confirmation.return_url
        mine = partial(intent, attempt=confirmation.metadata.get(ATTEMPT))
        options = self._account.keyed(key)
        confirm = self._account.api.payment_intents.confirm
        return read(mine, facts_of(lambda: _or_declined(lambda: confirm(ref, params, options))))

    def _note(self, ref: str, confirmation: Confirmation, key: str) -> None:
        params: Any = {"metadata": dict(confirmation.metadata)}
        options = self._account.keyed(f"{key}:note")
        facts_of(
            lambda: self._account.api.payment_intents.update(ref, params, options), missing=NO_SUCH_INTENT
        )

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """See the port."""
        return read(
            intent,
            facts_of(
                lambda: self._account.api.payment_intents.retrieve(ref, {"expand": _CHARGE}),
                missing=NO_SUCH_INTENT,
            ),
        )

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """See the port. One that is canceled already is answered as it is."""
        params: Any = {"cancellation_reason": "abandoned", "expand": _CHARGE}
        options = self._account.keyed(key)
        try:
            found = facts_of(lambda: self._account.api.payment_intents.cancel(ref, params, options))
        except GatewayRejected:
            now = self.fetch_intent(ref)
            if now.status == "canceled":
                return now
            raise
        return read(intent, found)

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """See the port."""
        intents = self._account.api.payment_intents.list
        for facts in listed(intents, since, expand=["data.latest_charge"]):
            yield read(intent, facts)

    def trace(self, ref: str) -> list[TraceLine]:
        """See the port."""
        return trace(self._account, ref)

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        """See the port."""
        of = {"payment_intent": request.intent_ref} if request.intent_ref else {"charge": request.charge_ref}
        params: Any = {
            **of,
            "amount": to_stripe(request.amount_minor, request.currency),
            "metadata": {**request.metadata, "instance": self._account.instance},
        }
        options = self._account.keyed(key)
        return self._refund(
            facts_of(lambda: self._account.api.refunds.create(params, options), missing=NO_SUCH_INTENT)
        )

    def fetch_refund(self, ref: str) -> GatewayRefund:
        """See the port."""
        return self._refund(facts_of(lambda: self._account.api.refunds.retrieve(ref), missing=NO_SUCH_REFUND))

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        """See the port."""
        found = every(self._account.api.refunds.list, payment_intent=intent_ref)
        return [self._refund(facts) for facts in found]

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        """See the port."""
        for facts in listed(self._account.api.refunds.list, since):
            yield self._refund(facts)

    def _refund(self, facts: Facts) -> GatewayRefund:
        return read(partial(refund, livemode=self._account.livemode), facts)

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        """See the port. Raises `GatewayRejected(NO_MONEY_MOVED)` for an inquiry."""
        return read(
            dispute,
            facts_of(
                lambda: self._account.api.disputes.retrieve(ref, {"expand": ["charge"]}),
                missing=NO_SUCH_DISPUTE,
            ),
        )

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        """See the port. Inquiries are left out: they move nothing."""
        for facts in listed(self._account.api.disputes.list, since, expand=["data.charge"]):
            if not read(moves_no_money, facts):
                yield read(dispute, facts)

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        """See the port."""
        return balance_lines(self._account, since)

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        """See the port."""
        return setups.start(self._account, request, key)

    def fetch_setup(self, ref: str) -> GatewaySetup:
        """See the port."""
        return setups.fetch(self._account, ref)

    def fetch_method(self, token: str) -> GatewayMethod:
        """See the port."""
        return setups.fetch_method(self._account, token)

    def detach_method(self, token: str) -> None:
        """See the port."""
        setups.detach(self._account, token)

    def describe_account(self) -> GatewayAccountFacts:
        """See the port."""
        facts = facts_of(self._account.api.accounts.retrieve_current)
        return read(self._described, facts)

    def _described(self, facts: Facts) -> GatewayAccountFacts:
        dashboard = (facts.get("settings") or {}).get("dashboard") or {}
        profile = facts.get("business_profile") or {}
        return GatewayAccountFacts(
            ref=str(facts["id"]),
            name=str(dashboard.get("display_name") or profile.get("name") or facts["id"])[:200],
            country=str(facts.get("country") or ""),
            currency=str(facts.get("default_currency") or "").upper(),
            livemode=self._account.livemode,
            may_charge=bool(facts.get("charges_enabled")),
        )


def _named(attempt: str) -> dict[str, str]:
    return {ATTEMPT: attempt} if attempt else {}


class _Declined:
    """A decline's intent, in the form in which the SDK hands objects over."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def to_dict(self) -> Facts:
        return self._facts


def _or_declined(confirm: Any) -> Any:
    """A decline is a reply: the intent is in the error (C.4). Without it the error says what it can."""
    try:
        return confirm()
    except stripe.CardError as error:
        declined = error_facts(error).get("payment_intent")
        if isinstance(declined, dict):
            return _Declined(declined)
        raise
