"""A live organization at a processor outside the database, and a way to put the database back to an earlier moment."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import F
from tests.collecting import Collection
from tests.outside_gateway import OutsideGateway
from tests.world import STAFF, World

from paidthru import runs
from paidthru.actions.save_method import save_method
from paidthru.kernel.clock import SystemClock
from paidthru.organizations.models import Install, Mark
from paidthru.organizations.operations import create_organization
from paidthru.organizations.rules.freezing import REPLAY
from paidthru.runs import Desk


@dataclass
class Live(Collection):
    """Members of a live organization, each with a card and an invoice that is due today."""

    @property
    def gateway(self) -> OutsideGateway:
        gateway = self.desk.gateway
        assert isinstance(gateway, OutsideGateway)
        return gateway

    def customer(self, name: str) -> str:
        return f"cus_{self.party(name)}"

    def charged_times(self, *names: str) -> list[int]:
        """How often the processor took each member's money."""
        return [self.gateway.charges(self.customer(name)) for name in names]

    def join(self, name: str) -> None:
        """One more member with a card, billed today."""
        self.members[name] = self.world.member(name, self.plan, paid_through=yesterday(), autopay=True)
        method = self.gateway.method(self.customer(name))
        organization, now = self.world.organization, self.desk.clock.now()
        save_method(organization, self.party(name), method, gateway="outside", actor=STAFF, now=now)

    def bill(self, run: str) -> None:
        """Bills whoever is due."""
        runs.generate(self.desk, name=run, effective_on=yesterday() + timedelta(days=1), actor=STAFF)


def yesterday() -> date:
    return SystemClock().now().date() - timedelta(days=1)


def a_live_world(*names: str, gateway: OutsideGateway | None = None) -> Live:
    """A live organization on the machine's clock: the gates hold it against the database's."""
    clock = SystemClock()
    organization = create_organization(
        name="Maple Club", preset="association", currency="USD", zone="UTC", locale="en_US", mode="live",
        now=clock.now(),
    )  # fmt: skip
    desk = Desk(organization, clock, gateway or OutsideGateway(clock))
    world = World(organization, desk)
    live = Live(world, world.plan(amount_minor=10_000))
    for name in names:
        live.join(name)
    if names:
        live.bill("First")
    return live


Rows = dict[str, bytes]


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
        )
        return [name for (name,) in cursor.fetchall()]


def all_rows() -> Rows:
    """A backup at the level of rows: every table, as it is now."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for name in tables():
            with cursor.connection.cursor().copy(f'COPY "{name}" TO STDOUT') as out:
                found[name] = b"".join(out)
    return found


def put_back(rows: Rows) -> None:
    """The database as it was, marked as `paidthru restore` marks it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # triggers keep silent, as while pg_restore writes
        cursor.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables()) + " CASCADE")
        for name, text in rows.items():
            with cursor.connection.cursor().copy(f'COPY "{name}" FROM STDIN') as into:
                into.write(text)
        cursor.execute("SET session_replication_role = origin")
    Install.objects.update(epoch=0)


def long_frozen(seconds: int = 300) -> None:
    """So much time passes: what was sent before the freeze has landed."""
    row = Install.objects.get()
    assert row.frozen_at is not None
    row.frozen_at -= timedelta(seconds=seconds)
    row.save(update_fields=["frozen_at"])
    Mark.objects.filter(name=REPLAY).update(at=F("at") - timedelta(seconds=seconds))
