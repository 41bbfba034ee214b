"""A PostgreSQL of its own for schedules that are played by hand, and a database in it for each process that plays."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from paidthru.config import database, embedded

TOP = Path(__file__).resolve().parents[2]
TEMPLATE = "simulated"
#: What is simulated lives minutes: no need to wait for the disk.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@contextmanager
def own_server() -> Iterator[str]:
    """Starts a server with the product's tables in a database to copy; yields its socket's folder."""
    home = Path(tempfile.mkdtemp(prefix="paidthru-simulation-"))
    share = embedded.ensure_running(home, HASTE)
    try:
        _tell(share.host, f"CREATE DATABASE {TEMPLATE}")
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env=environment(share.host, TEMPLATE), cwd=TOP, check=True,
        )  # fmt: skip
        yield share.host
    finally:
        share.leave()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def copy_of(host: str, name: str, *statements: str) -> Iterator[str]:
    """A database of one's own, in which statements were executed."""
    _tell(host, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    try:
        if statements:
            _tell(host, *statements, inside=name)
        yield name
    finally:
        _tell(host, f"DROP DATABASE {name} (FORCE)")


def environment(host: str, name: str, top: Path = TOP) -> Mapping[str, str]:
    """What a process needs to play on a database, with the sources of a folder."""
    return os.environ | {
        "DATABASE_URL": f"postgresql://{database.NAME}@/{name}?host={host}",
        "DJANGO_SETTINGS_MODULE": "paidthru.config.settings",
        "PAIDTHRU_HOME": str(Path(host).parent),
        "PYTHONPATH": os.pathsep.join([str(top / "src"), str(top)]),
    }


def _tell(host: str, *statements: str, inside: str = "postgres") -> None:
    url = f"postgresql://{database.NAME}@/{inside}?host={host}"
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
