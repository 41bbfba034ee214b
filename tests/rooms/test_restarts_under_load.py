"""PostgreSQL killed and started again, and its connections cut, while workers collect (B-7, B-59): nobody pays twice.

Each test has an installation of its own; the workers are processes of their own and die with their database.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PEOPLE = 30

SEED = """
import json
from paidthru.config import main
main.prepare()
from tests.collecting import billed
found = billed(*[f"Member {n:02}" for n in range(%d)])
found.submit()
print(found.world.organization.id)
"""

WORK = """
import sys
from paidthru.config import main
main.prepare()
from paidthru import runs
from paidthru.organizations.models import Organization
from paidthru.payments.models import Payment
from paidthru.runs import collection, sending
from paidthru.wiring import desk_for
sending.CLAIMED = 3
def told(done, total):
    print("answered", flush=True)
print("ready", flush=True)
runs.collect_unsent(desk_for(Organization.objects.get(id=sys.argv[1])), told)
"""

FINISH = """
import json, sys
from paidthru.config import main
main.prepare()
from django.db import connection
from datetime import timedelta
from paidthru import invariants, runs
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, Payment
from paidthru.wiring import desk_for, levers_of
organization = Organization.objects.get(id=sys.argv[1])
with connection.cursor() as cursor:  # the leases of the dead run out
    cursor.execute("UPDATE payments_attempt SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")
desk = desk_for(organization)
runs.collect_unsent(desk)
runs.advance(desk, desk.clock.now() + timedelta(minutes=30))
print(json.dumps({
    "payments": Payment.objects.filter(organization=organization).count(),
    "charges": sum(line.charges for line in levers_of(organization).books()),
    "open": Attempt.objects.filter(organization=organization).exclude(state="succeeded").count(),
    "broken": [str(one) for one in invariants.check(organization.id)],
}))
"""


KEEP = """
import sys
from paidthru.config import main
main.prepare(migrate=False)
print("up", flush=True)
sys.stdin.read()
"""

EXPIRE = """
from paidthru.config import main
main.prepare()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE payments_attempt SET lease_until = '2000-01-01' WHERE lease_until IS NOT NULL")
print("on")
"""


class Installation:
    """An installation in a folder of its own, and its processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        top = Path(__file__).resolve().parents[2]
        self._environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
            "PAIDTHRU_HOME": str(home),
            "PYTHONPATH": os.pathsep.join([str(top / "src"), str(top), *filter(None, sys.path)]),
        }

    def start(self, program: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments], env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def says(self, program: str, *arguments: str) -> str:
        with self.start(program, *arguments) as process:
            said, _ = process.communicate(timeout=180)
        assert process.returncode == 0, said
        return said.strip().splitlines()[-1]

    def servers(self) -> list[int]:
        """The postmaster, and each of its processes."""
        postmaster = int((self.home / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True, check=False
        )
        return [postmaster, *map(int, listed.stdout.split())]

    def finished(self, organization: str) -> dict[str, object]:
        found = json.loads(self.says(FINISH, organization))
        assert isinstance(found, dict)
        return found


@contextmanager
def keeping(installation: Installation) -> Iterator[None]:
    """A process of the installation that keeps its database running meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP], env=installation._environment, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def heard(workers: "list[subprocess.Popen[str]]", times: int) -> None:
    """Waits until workers have said so often, together, that they are further: one may leave the other little to do."""
    with selectors.DefaultSelector() as listening:
        for worker in workers:
            assert worker.stdout is not None
            listening.register(worker.stdout, selectors.EVENT_READ)
        while times > 0:
            assert listening.get_map(), "they ended before they had said so often"
            for found, _ in listening.select():
                said = os.read(found.fd, 4096)
                times -= said.count(b"\n")
                if not said:
                    listening.unregister(found.fileobj)


@pytest.mark.skipif(sys.platform != "linux", reason="lists the server's processes as Linux does")
@pytest.mark.parametrize("after", [1, 4])
def test_postgresql_killed_while_two_workers_collect_b7(tmp_path: Path, after: int) -> None:
    here = Installation(tmp_path / "home")
    organization = here.says(SEED % PEOPLE)
    workers = [here.start(WORK, organization) for _ in range(2)]
    heard(workers, after)
    for pid in here.servers():
        os.kill(pid, signal.SIGKILL)
    for worker in workers:
        worker.communicate(timeout=180)
    assert here.finished(organization) == {"payments": PEOPLE, "charges": PEOPLE, "open": 0, "broken": []}


@pytest.mark.skipif(sys.platform != "linux", reason="lists the server's processes as Linux does")
def test_connections_cut_again_and_again_b59(tmp_path: Path) -> None:
    """One server process at a time is killed, which makes PostgreSQL throw everybody out and recover."""
    here = Installation(tmp_path / "home")
    organization = here.says(SEED % PEOPLE)
    with keeping(here):
        for cut in range(4):
            worker = here.start(WORK, organization)
            heard([worker], 1 + cut % 2)
            victims = here.servers()[1:]
            os.kill(victims[cut % len(victims)], signal.SIGKILL)
            worker.communicate(timeout=180)
            here.says(EXPIRE)
        assert here.finished(organization) == {"payments": PEOPLE, "charges": PEOPLE, "open": 0, "broken": []}
