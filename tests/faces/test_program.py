"""The `paidthru` program as a process: what it starts, what it says, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from paidthru.config import database, embedded, home
from paidthru.config.main import _reached_at

PROGRAM = [sys.executable, "-m", "paidthru.config.main"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return inherited | {"PAIDTHRU_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`paidthru serve`, ready."""
    serving = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--no-worker"], env=environment, stdout=subprocess.PIPE, text=True
    )
    yield serving
    serving.kill()
    serving.communicate()
    embedded.ensure_running(Path(environment["PAIDTHRU_HOME"])).leave()  # what a kill left is stopped


def address(serving: "subprocess.Popen[str]") -> str:
    assert serving.stdout
    said = serving.stdout.readline()
    assert said.startswith("Paidthru is at http://localhost:"), said
    return said.split()[-1]


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["backup"], ["backup", "--what"]])
def test_what_needs_no_database_starts_none(environment: dict[str, str], arguments: list[str]) -> None:
    done = run(environment, *arguments)
    assert done.returncode == (0 if "--help" in arguments else 2)
    assert not Path(environment["PAIDTHRU_HOME"]).exists()


def test_a_refusal_is_said_in_words_or_as_json(environment: dict[str, str], tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.backup")
    done = run(environment, "restore", missing)
    assert done.returncode == 1
    assert "There is no file" in done.stderr
    assert "Traceback" not in done.stderr
    done = run(environment, "restore", missing, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "file_missing"


def test_database_url_takes_over(environment: dict[str, str], database_server: None, tmp_path: Path) -> None:
    with psycopg.connect(**database.parameters() | {"dbname": "postgres"}, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS taken_over")
        connection.execute("CREATE DATABASE taken_over")
    found = database.parameters() | {"dbname": "taken_over"}
    url = f"postgresql:///taken_over?host={found['host']}&user={found.get('user', '')}"
    done = run(environment | {"DATABASE_URL": url}, "backup", str(tmp_path / "club.backup"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "club.backup").stat().st_size > 0
    assert not (tmp_path / "home" / "postgres").exists(), "nothing embedded was made"
    with psycopg.connect(**found) as connection:
        table = connection.execute("SELECT to_regclass('organizations_organization')").fetchone()
        assert table
        assert table[0], "its tables were made where the address says"


def test_links_lead_to_where_it_is_served_unless_an_address_is_set(
    environment: dict[str, str], served: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIDTHRU_HOME", environment["PAIDTHRU_HOME"])
    monkeypatch.delenv("PAIDTHRU_URL", raising=False)
    monkeypatch.setattr(settings, "PUBLIC_URL", "")  # put back afterwards
    where = address(served)
    assert f"{home.public_url()}/" == where  # for every other command too
    for host, reached in (("0.0.0.0", "localhost"), ("::1", "[::1]")):
        _reached_at(host, 8141)
        assert home.public_url() == settings.PUBLIC_URL == f"http://{reached}:8141"
    monkeypatch.setenv("PAIDTHRU_URL", "https://dues.example.org/")
    _reached_at("127.0.0.1", 8141)
    assert home.public_url() == "https://dues.example.org"


def test_it_serves_and_a_second_one_is_told(
    environment: dict[str, str], served: "subprocess.Popen[str]"
) -> None:
    where = address(served)
    try:
        with urllib.request.urlopen(where) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as status:
        headers = status.headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]

    second = run(environment, "serve", "--port", "0", "--no-worker")
    assert second.returncode == 1
    assert f"process {served.pid}" in second.stderr

    served.send_signal(signal.SIGTERM)
    served.wait(30)
    assert not (Path(environment["PAIDTHRU_HOME"]) / "postgres" / "cluster" / "postmaster.pid").exists()


def test_killed_with_9_it_starts_again(
    environment: dict[str, str], served: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    address(served)
    served.kill()
    served.wait()
    again = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--no-worker"], env=environment, stdout=subprocess.PIPE, text=True
    )
    address(again)
    assert run(environment, "backup", str(tmp_path / "club.backup")).returncode == 0
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=30)
