"""Backup and restore: whole or not at all, and never over something by accident."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from paidthru.config import database, embedded
from paidthru.config.backup import backup, restore
from paidthru.kernel.errors import Refused

Enter = Callable[[str], None]


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """Turns to the installation of that name, started if need be."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    shares: list[embedded.Share] = []

    def turn(name: str) -> None:
        monkeypatch.setenv("PAIDTHRU_HOME", str(tmp_path / name))
        shares.append(embedded.ensure_running(tmp_path / name))

    yield turn
    for share in shares:
        share.leave()


def run(*statements: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**database.parameters()) as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def fill(name: str, rows: int = 1000) -> None:
    run(
        "CREATE TABLE django_migrations (app text, name text)",
        "CREATE TABLE organizations_organization (name text NOT NULL)",
        f"INSERT INTO organizations_organization VALUES ('{name}')",
        f"CREATE TABLE payments_payment AS SELECT n AS id, n * 100 AS amount_minor FROM generate_series(1, {rows}) n",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$",
        "CREATE TRIGGER grow BEFORE UPDATE OR DELETE ON payments_payment FOR EACH ROW EXECUTE FUNCTION refuse()",
    )


def test_there_and_back_into_a_new_home(enter: Enter, tmp_path: Path) -> None:
    enter("one")
    fill("Maple Club")
    file = tmp_path / "maple.backup"
    size = backup(file)
    assert size == file.stat().st_size > 0
    assert file.stat().st_mode & 0o777 == 0o600, "it holds personal data"
    assert [path.name for path in tmp_path.glob(".maple*")] == [], "nothing half-made is left"

    enter("two")
    restore(file)
    assert run("SELECT name FROM organizations_organization") == [("Maple Club",)]
    assert run("SELECT count(*), sum(amount_minor) FROM payments_payment") == [(1000, 50_050_000)]
    with pytest.raises(psycopg.errors.RaiseException, match="append only"):
        run("DELETE FROM payments_payment")


def test_what_stands_is_only_replaced_on_demand_and_then_wholly(enter: Enter, tmp_path: Path) -> None:
    enter("one")
    fill("Maple Club")
    file = tmp_path / "maple.backup"
    backup(file)
    run(
        "UPDATE organizations_organization SET name = 'Later Club'",
        "INSERT INTO payments_payment VALUES (1001, 5)",
        "CREATE TABLE later (n int)",
    )
    with pytest.raises(Refused, match="Later Club") as refusal:
        restore(file)
    assert refusal.value.code == "database_not_empty"
    assert run("SELECT count(*) FROM payments_payment") == [(1001,)]

    restore(file, force=True)
    assert run("SELECT name FROM organizations_organization") == [("Maple Club",)]
    assert run("SELECT count(*), to_regclass('later') FROM payments_payment") == [(1000, None)]


def test_a_damaged_backup_leaves_the_database_as_it_was(enter: Enter, tmp_path: Path) -> None:
    enter("one")
    fill("Maple Club", rows=200_000)
    file = tmp_path / "maple.backup"
    backup(file)
    whole = file.read_bytes()
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(whole[: len(whole) * 2 // 3])
    run("UPDATE organizations_organization SET name = 'Later Club'")
    with pytest.raises(Refused, match="the database is as it was") as refusal:
        restore(damaged, force=True)
    assert refusal.value.code == "restore_failed"
    assert run("SELECT name FROM organizations_organization") == [("Later Club",)]
    assert run("SELECT count(*) FROM payments_payment") == [(200_000,)]


def test_what_is_refused(enter: Enter, tmp_path: Path) -> None:
    enter("one")
    (tmp_path / "notes.txt").write_text("not a backup")
    (tmp_path / "empty").touch()
    for name in ("notes.txt", "empty"):
        with pytest.raises(Refused) as refusal:
            restore(tmp_path / name)
        assert refusal.value.code == "not_a_backup"
    run("CREATE TABLE recipes (n int)")
    backup(tmp_path / "recipes.backup")
    with pytest.raises(Refused) as refusal:
        restore(tmp_path / "recipes.backup")
    assert refusal.value.code == "not_a_backup", "a dump of some other database"
    with pytest.raises(Refused) as refusal:
        restore(tmp_path / "missing")
    assert refusal.value.code == "file_missing"
    with pytest.raises(Refused) as refusal:
        backup(tmp_path / "notes.txt")
    assert refusal.value.code == "file_exists"
    assert (tmp_path / "notes.txt").read_text() == "not a backup"
    with pytest.raises(Refused) as refusal:
        backup(tmp_path / "nowhere" / "maple.backup")
    assert refusal.value.code == "folder_missing"


def test_it_waits_for_nobody(enter: Enter, tmp_path: Path) -> None:
    enter("one")
    fill("Maple Club")
    backup(tmp_path / "maple.backup")
    with psycopg.connect(**database.parameters()) as reader:
        reader.execute("SELECT 1")
        with pytest.raises(Refused, match="1 other connection") as refusal:
            restore(tmp_path / "maple.backup", force=True)
    assert refusal.value.code == "database_in_use"
