"""Saving a test method as a member does at a real processor: on a page of the processor's own, found by its address."""

import hashlib
from datetime import datetime
from uuid import UUID

from paidthru.adapters.sandbox import books, keys
from paidthru.adapters.sandbox.models import SandboxIntent, SandboxMethod, SandboxSetup
from paidthru.kernel.clock import Clock
from paidthru.payments.gateway import GatewayMethod, GatewayRejected, GatewaySetup, IntentStatus, SetupRequest

_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # no reference looks like a card number


class Setups:
    """The part of the sandbox's gateway that saves ways to pay."""

    _account: UUID
    _clock: Clock

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        """See the port. The same key gives the same saving again."""
        now = self._clock.now()
        with books.own_transaction():
            keys.take(self._account, key)
            ref = f"ss_{hashlib.sha256(key.encode()).hexdigest()[:32].translate(_LETTERS)}"
            setup, _ = SandboxSetup.objects.get_or_create(
                ref=ref,
                defaults={
                    "organization_id": self._account,
                    "customer_ref": request.customer_ref or request.party,
                    "return_url": request.return_url,
                    "created_at": now,
                },
            )
        return _shown(setup)

    def fetch_setup(self, ref: str) -> GatewaySetup:
        """See the port."""
        setup = SandboxSetup.objects.filter(organization_id=self._account, ref=ref).first()
        if setup is None:
            raise GatewayRejected(f"No such saving: {ref}.", code="no_such_setup")
        return _shown(setup)

    def fetch_method(self, token: str) -> GatewayMethod:
        """See the port."""
        method = SandboxMethod.objects.filter(organization_id=self._account, token=token).first()
        if method is None:
            raise GatewayRejected("No such method.", code="no_such_method")
        return shown_method(method)

    def detach_method(self, token: str) -> None:
        """See the port. A test method that is forgotten is declined like one that never was."""
        SandboxMethod.objects.filter(organization_id=self._account, token=token).update(customer_ref="")


def complete(account: UUID, ref: str, method: GatewayMethod, *, now: datetime) -> str:
    """The member has chosen a method on the page; returns where they go back to. A second time changes nothing."""
    with books.own_transaction():
        setup = SandboxSetup.objects.select_for_update().get(organization_id=account, ref=ref)
        if setup.status == "open":
            setup.status, setup.method_id = "complete", method.token
            setup.save(update_fields=["status", "method_id"])
    return setup.return_url


def shown_method(method: SandboxMethod) -> GatewayMethod:
    """A method as the port shows it."""
    return GatewayMethod(
        token=method.token,
        kind="bank" if method.kind == "bank" else "card",
        brand=method.brand,
        last4=method.last4,
        exp_month=method.exp_month,
        exp_year=method.exp_year,
        fingerprint=method.fingerprint,
        customer_ref=method.customer_ref,
    )


def _shown(setup: SandboxSetup) -> GatewaySetup:
    is_open = setup.status == "open"
    return GatewaySetup(
        ref=setup.ref,
        status="open" if is_open else "complete",
        url=books.page_of(setup.return_url, "save", setup.ref) if is_open else None,
        customer_ref=setup.customer_ref,
        livemode=False,
        method=shown_method(setup.method) if setup.method is not None else None,
    )


def place_of_setup(ref: str) -> tuple[UUID, str] | None:
    """The account of a saving, and where its member goes back to."""
    return SandboxSetup.objects.filter(ref=ref).values_list("organization_id", "return_url").first()


def customer_of(ref: str) -> str:
    """The customer who is saving a way to pay."""
    return SandboxSetup.objects.get(ref=ref).customer_ref


def place_of_intent(ref: str) -> tuple[UUID, str] | None:
    """The account of an intent that waits for its payer, and where they go back to."""
    found = SandboxIntent.objects.filter(ref=ref, status=IntentStatus.REQUIRES_ACTION.value)
    return found.values_list("organization_id", "return_url").first()
