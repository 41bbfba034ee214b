"""The PostgreSQL that everything is measured on, and a process for each measurement."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from paidthru.config import database, embedded

SEEDED = "seeded"
TOP = Path(__file__).resolve().parents[1]


@contextmanager
def own_server() -> Iterator[str]:
    """Starts an embedded server in a folder of its own, with the settings it ships with; yields its socket's folder."""
    home = Path(tempfile.mkdtemp(prefix="paidthru-bench-"))
    share = embedded.ensure_running(home)
    try:
        yield share.host
    finally:
        share.leave()
        shutil.rmtree(home, ignore_errors=True)


def address(host: str, name: str) -> str:
    """The DATABASE_URL of one of the server's databases."""
    return f"postgresql://{database.NAME}@/{name}?host={host}"


def tell(host: str, *statements: str, database: str = "postgres") -> None:
    """Executes statements outside any transaction."""
    with psycopg.connect(address(host, database), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextmanager
def fresh_copy(host: str, template: str = SEEDED) -> Iterator[str]:
    """A copy of a seeded database: every measurement begins with the same pages, and their order does not matter."""
    tell(
        host,
        "DROP DATABASE IF EXISTS measured (FORCE)",
        f"CREATE DATABASE measured TEMPLATE {template} STRATEGY file_copy",
        "CHECKPOINT",
    )
    yield address(host, "measured")


class Process:
    """A process that has Django set up and a connection open, and waits to be told what to measure."""

    def __init__(self, url: str) -> None:
        environment = os.environ | {
            "DATABASE_URL": url,
            "PYTHONPATH": os.pathsep.join([str(TOP / "src"), str(TOP)]),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.measure"], env=environment, cwd=TOP, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("A measurement failed; its error is above.")
        return json.loads(line)

    def tell(self, what: str, **arguments: object) -> None:
        """Starts a measurement by its name in measure.py."""
        assert self._process.stdin is not None
        print(json.dumps([what, arguments]), file=self._process.stdin, flush=True)

    def answer(self) -> dict[str, Any]:
        """Waits for what it measured."""
        return dict(self._read())

    def ask(self, what: str, **arguments: object) -> dict[str, Any]:
        """Starts a measurement and waits for it."""
        self.tell(what, **arguments)
        return self.answer()

    def end(self) -> None:
        """Lets the process go."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def processes(url: str, count: int = 1) -> Iterator[list[Process]]:
    """So many processes on one database, ready to start together."""
    started = [Process(url) for _ in range(count)]
    try:
        for one in started:
            one.answer()  # it is ready
        yield started
    finally:
        for one in started:
            one.end()
