"""The gateway of an organization that has no processor, so that the product works without one."""

from collections.abc import Iterator
from datetime import datetime
from typing import NoReturn

from paidthru.payments.gateway import (
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

#: The code with which it refuses everything.
OFFLINE = "offline_gateway"

_NONE = (
    "This organization has no payment processor, so nothing can be charged online. "
    "Staff record the money when it comes: cash, check or transfer."
)
_CAPABILITIES = Capabilities(
    two_step=False,
    fence=False,
    lookup="none",
    max_in_flight=0,
    online=False,
)


class OfflineGateway:
    """Declares that it is not online, and collects nothing: every call that asks for something raises
    `GatewayRejected('offline_gateway')`. `why`: what keeps a processor that there is from being used."""

    name = "offline"
    capabilities = _CAPABILITIES

    def __init__(self, why: str = "") -> None:
        self._why = why

    def _refuse(self) -> NoReturn:
        raise GatewayRejected(self._why or _NONE, code=OFFLINE)

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """Always refused."""
        self._refuse()

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """Always refused."""
        self._refuse()

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """Always refused: there is nothing to look up."""
        self._refuse()

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """Always refused: there is nothing to cancel."""
        self._refuse()

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """Nothing, ever."""
        return iter(())

    def trace(self, ref: str) -> list[TraceLine]:
        """Always refused: it knows of nothing."""
        self._refuse()

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        """Always refused: staff record what they give back."""
        self._refuse()

    def fetch_refund(self, ref: str) -> GatewayRefund:
        """Always refused."""
        self._refuse()

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        """Nothing, ever."""
        return []

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        """Nothing, ever."""
        return iter(())

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        """Always refused."""
        self._refuse()

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        """Nothing, ever."""
        return iter(())

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        """Nothing, ever."""
        return iter(())

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        """Always refused: there is nowhere to save a way to pay."""
        self._refuse()

    def fetch_setup(self, ref: str) -> GatewaySetup:
        """Always refused."""
        self._refuse()

    def fetch_method(self, token: str) -> GatewayMethod:
        """Always refused."""
        self._refuse()

    def detach_method(self, token: str) -> None:
        """Nothing was ever saved."""

    def describe_account(self) -> GatewayAccountFacts:
        """Always refused: there is no account."""
        self._refuse()
