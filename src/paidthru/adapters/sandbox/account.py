"""An account at the sandbox processor: what every part of its gateway works on."""

from datetime import datetime
from uuid import UUID

from paidthru.adapters.sandbox import books
from paidthru.adapters.sandbox.behaviour import SILENCES
from paidthru.adapters.sandbox.models import SandboxIntent
from paidthru.kernel.clock import Clock
from paidthru.payments.gateway import NO_SUCH_INTENT, GatewayRejected

PAGE = 500


class SandboxAccount:
    """One account (an organization's id) and its clock. Each of the gateway's files adds the calls about one thing."""

    def __init__(self, account: UUID, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    def _now(self) -> datetime:
        return self._clock.now()

    def _found(self, ref: str) -> SandboxIntent:
        intent = SandboxIntent.objects.filter(organization_id=self._account, ref=ref).first()
        if intent is None:
            raise no_such_intent(ref)
        return intent

    def _locked(self, ref: str) -> SandboxIntent:
        rows = SandboxIntent.objects.raw(
            "SELECT * FROM sandbox_sandboxintent WHERE ref = %s AND organization_id = %s FOR UPDATE",
            [ref, self._account],
        )
        for intent in rows:
            return intent
        raise no_such_intent(ref)

    def _be_silent(self, customer_ref: str) -> None:
        """Raises `GatewayUnknown` while the processor is silent toward the customer: look-ups are too."""
        if books.behaviour_of(self._account, customer_ref)[0] in SILENCES:
            raise books.silence()


def no_such_intent(ref: str) -> GatewayRejected:
    """The refusal of an intent that the account doesn't have."""
    return GatewayRejected(f"No such intent: {ref}.", code=NO_SUCH_INTENT)
