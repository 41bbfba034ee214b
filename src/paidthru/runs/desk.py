"""Where an organization's work is done, and how it takes turns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from paidthru.documents.printer import Printer
from paidthru.kernel.clock import Clock, local_date, local_instant
from paidthru.notices.mailer import Mailer
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import Gateway, refuse_one_step

CLOSING_AT = time(23, 50)  # local; income is recognized and batches are posted
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an organization's work is done: its clock, its gateway and its mail, picked by the wiring.

    Without a `mailer` mail stays in the outbox, without a `printer` nothing is attached to it. `public_url` is where
    members reach us, without a slash at its end.
    Refused `gateway_one_step`: what is done here is done while nobody looks on (C.5).
    """

    organization: Organization
    clock: Clock
    gateway: Gateway
    mailer: Mailer | None = None
    public_url: str = ""
    printer: Callable[[], Printer] | None = None

    def __post_init__(self) -> None:
        refuse_one_step(self.gateway)

    @property
    def today(self) -> date:
        """The local date."""
        return local_date(self.clock.now(), self.organization.zone)


def turn_key(organization_id: UUID) -> int:
    """The advisory lock of whoever works on an organization: the worker's jobs, and a story that is being told."""
    return organization_id.int & 0x7FFF_FFFF_FFFF_FFFF


def at(desk: Desk, on: date, hour: time) -> datetime:
    """The instant of a local date and hour in the organization's zone."""
    return local_instant(on, hour, desk.organization.zone)
