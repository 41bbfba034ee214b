"""The gateway of an organization that has no processor, so that the product works without one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NoReturn

from paidthru.payments.gateway import (
    Capabilities,
    Confirmation,
    GatewayIntent,
    GatewayRejected,
    IntentRequest,
)

#: The code with which it refuses everything.
OFFLINE = "offline_gateway"

_CAPABILITIES = Capabilities(
    two_step=False,
    fence=False,
    lookup="none",
    key_ttl=timedelta(0),
    late_failure_days=0,
    max_in_flight=0,
    online=False,
)


class OfflineGateway:
    """Declares that it is not online, and collects nothing: every call but `list_intents` raises
    `GatewayRejected('offline_gateway')`."""

    name = "offline"
    capabilities = _CAPABILITIES

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """Always refused."""
        _refuse()

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """Always refused."""
        _refuse()

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """Always refused: there is nothing to look up."""
        _refuse()

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """Always refused: there is nothing to cancel."""
        _refuse()

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """Nothing, ever."""
        return iter(())


def _refuse() -> NoReturn:
    raise GatewayRejected(
        "This organization has no payment processor, so nothing can be charged online. "
        "Staff record the money when it comes: cash, check or transfer.",
        code=OFFLINE,
    )
