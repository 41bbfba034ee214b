"""What the environment decides."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse

from paidthru.config import database, home
from paidthru.config.logs import WithoutDetails
from paidthru.config.middleware import content_security_policy
from paidthru.kernel.errors import Refused


def test_database_url_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://club:s%40cret@db.example:6432/dues?sslmode=require")
    found = database.django_settings()
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "6432", "dues")
    assert (found["USER"], found["PASSWORD"]) == ("club", "s@cret")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("wrong", ["mysql://club@db/dues", "postgresql://db.example", "club database"])
def test_a_wrong_database_url_is_said_without_its_password(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", wrong)
    with pytest.raises(Refused) as refusal:
        database.parameters()
    assert refusal.value.code == "database_url_invalid"
    assert refusal.value.fix
    assert "club" not in refusal.value.message


def test_without_it_the_socket_of_the_home_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PAIDTHRU_HOME", str(tmp_path))
    assert database.django_settings()["HOST"] == str(home.socket_folder(tmp_path))


def test_the_home_is_the_users_data_folder_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("PAIDTHRU_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert home.home() == Path("/home/ann/.local/share/paidthru")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert home.home() == Path("/home/ann/Library/Application Support/paidthru")
    monkeypatch.setenv("PAIDTHRU_HOME", "~/club")
    assert home.home() == Path("/home/ann/club")


def test_the_secret_key_is_made_once_and_kept_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAIDTHRU_SECRET_KEY", raising=False)
    of = tmp_path / "home"
    passing = home.secret_key(of, create=False)
    assert not of.exists(), "looking writes nothing"
    kept = home.secret_key(of, create=True)
    assert kept != passing
    assert len(kept) > 50
    assert (of / "secret_key").stat().st_mode & 0o777 == 0o600
    assert home.secret_key(of, create=True) == kept == home.secret_key(of, create=False)
    assert [path.name for path in of.iterdir()] == ["secret_key"]
    monkeypatch.setenv("PAIDTHRU_SECRET_KEY", "named")
    assert home.secret_key(of, create=True) == "named"


def test_importing_the_settings_starts_and_writes_nothing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["PAIDTHRU_HOME"] = str(tmp_path / "home")
    done = subprocess.run(
        [sys.executable, "-c", "import paidthru.config.settings as s; print(s.DATABASES['default']['NAME'])"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "paidthru"
    assert not (tmp_path / "home").exists()


def test_logs_do_not_quote_rows() -> None:
    said = "duplicate key value\nDETAIL:  Key (email)=(ann@example.org) already exists.\nCONTEXT:  COPY people, line 3"
    record = logging.LogRecord("django", logging.ERROR, "", 0, said, None, None)
    assert WithoutDetails("{levelname}: {message}", style="{").format(record) == "ERROR: duplicate key value"


def test_pages_run_no_inline_script() -> None:
    response = content_security_policy(lambda request: HttpResponse("a page"))(HttpRequest())
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_home_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be used") as refusal:
        home.make(tmp_path / "file")
    assert refusal.value.code == "home_unusable"
    home.make(tmp_path / "deep" / "home")
    assert (tmp_path / "deep" / "home").stat().st_mode & 0o777 == 0o700
