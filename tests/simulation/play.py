"""What a schedule consists of: the club, the gateway, the clock, the stage, and how anything is done there."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError
from tests.simulation.calendar import SimulatedClock
from tests.simulation.clubs import Backup
from tests.simulation.gateway import SimulatedGateway
from tests.simulation.stage import Killed, Stage
from tests.simulation.swarm import Swarm
from tests.simulation.truth import Truth

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayEvent
from paidthru.runs import Desk

#: What befalls a process when its database is gone.
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


@dataclass
class Member:
    """Somebody who was billed."""

    number: int
    party_id: UUID
    membership_id: UUID
    invoice_id: UUID
    kind: str
    tokens: list[str] = field(default_factory=list)

    @property
    def customer_ref(self) -> str:
        return f"cus_{self.number}"


@dataclass
class Play:
    """One schedule."""

    rng: Random
    swarm: Swarm
    clock: SimulatedClock
    truth: Truth
    gateway: SimulatedGateway
    stage: Stage
    organization: Organization
    members: list[Member]
    mail: list[GatewayEvent] = field(default_factory=list)  # events on their way to us
    backup: Backup | None = None
    reopened: bool = False  # a payment of staff's was taken back: the rest may be charged by itself
    home: Path | None = None  # where the installation keeps what is not in the database

    def desk(self) -> Desk:
        """A desk of one's own, as every process has."""
        return Desk(copy(self.organization), self.clock, self.gateway)

    def does(self, what: str, act: Callable[[], object]) -> None:
        """Somebody does something; it may be refused, or their process killed on the way."""
        self.stage.point("act")
        self.stage.note("does", what)
        try:
            act()
        except Refused as refused:
            self.stage.note("refused", refused.code)
        except Killed:
            self.stage.note("is dead", what)
        except LOST as error:
            self.stage.note("gives up", f"{what}: {type(error).__name__}")
            self.stage.hang_up()
        if self.stage.begin_anew():
            self.stage.hang_up()
