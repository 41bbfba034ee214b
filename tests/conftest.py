"""One PostgreSQL for the whole test session, on a folder of its own, started by the first test that needs it.

The folder is made by the controlling process and named to pytest-xdist's workers, which join the same server as any
two processes of an installation do; each has a database of its own in it. The last to leave stops the server.
Tests that touch no database start nothing. With DATABASE_URL set, that server is used instead.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management.commands import flush
from hypothesis import settings as hypothesis_settings

from paidthru.config import database, embedded

HOME = "PAIDTHRU_TEST_HOME"
#: A test session's data live minutes: no need to wait for the disk.
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}

# What guards main tells the same of the same tree each time; chance has its own command, `make hunt`.
hypothesis_settings.register_profile("gate", derandomize=True, deadline=None)
hypothesis_settings.register_profile("hunt", max_examples=2_000, deadline=None)
hypothesis_settings.load_profile("gate")


def pytest_configure(config: pytest.Config) -> None:
    # Elsewhere a hasher's slowness is the point of it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # After each emptying Django would write its own permissions and content types anew, which nothing here asks for.
    flush.emit_post_migrate_signal = lambda *_, **__: None  # type: ignore[attr-defined]
    if not hasattr(config, "workerinput"):
        os.environ[HOME] = tempfile.mkdtemp(prefix="paidthru-tests-")
    os.environ["PAIDTHRU_HOME"] = os.environ[HOME]  # no test writes into the developer's own home


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(HOME), ignore_errors=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """Django's default database is on a running server."""
    if database.named_url():
        yield
        return
    share = embedded.ensure_running(Path(os.environ[HOME]), HASTE)
    settings.DATABASES["default"]["HOST"] = share.host
    yield
    share.leave()


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """A database of ours need not be dropped: its server's whole folder is. Elsewhere --reuse-db keeps it."""
    return database.named_url() is None or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """pytest-django's hook, run before it makes the worker's test database."""


@pytest.fixture(autouse=True)
def nobody_was_counted() -> None:
    """How often a place has guessed or asked is counted in the process's cache: no test's counts are the next one's."""
    for one in caches.all():
        one.clear()
