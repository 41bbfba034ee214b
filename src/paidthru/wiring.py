"""Wiring: the only file that picks adapters and the real clock."""

from datetime import datetime

from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.kernel.clock import Clock, SystemClock
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import Gateway
from paidthru.runs import Desk


class SandboxClock:
    """A sandbox organization's own time: it stands still until somebody moves it."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def now(self) -> datetime:
        """The sandbox's instant, in UTC."""
        instant = self._organization.sandbox_now
        assert instant is not None  # the database holds it for every sandbox
        return instant


def clock_for(organization: Organization) -> Clock:
    """The real clock, or a sandbox's own."""
    return SandboxClock(organization) if organization.is_sandbox else SystemClock()


def gateway_for(organization: Organization) -> Gateway:
    """A sandbox collects through the sandbox processor; a live organization has no processor yet."""
    if organization.is_sandbox:
        return SandboxGateway(organization.id, clock_for(organization))
    return OfflineGateway()


def processor_of(organization: Organization) -> SandboxGateway:
    """A sandbox's processor with all its levers, for stories, the demo and the console's sandbox."""
    return SandboxGateway(organization.id, clock_for(organization))


def desk_for(organization: Organization) -> Desk:
    """Where the organization's work is done."""
    return Desk(organization, clock_for(organization), gateway_for(organization))
