"""A database that was restored, copied or moved is known for one, by what is kept outside of it (B-62 to B-64)."""

from pathlib import Path

import pytest
from django.db import connection
from tests.live_world import a_live_world
from tests.world import a_world

from paidthru.config import instance, schema
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Install
from paidthru.organizations.queries import fingerprint, fingerprints, freeze, frozen_why
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db


def kept(home: Path) -> instance.Instance:
    found = instance.read(instance.file_of(home, instance.place()))
    assert found is not None
    return found


def test_a_fresh_installation_knows_itself(tmp_path: Path) -> None:
    instance.recognize(tmp_path, starts=True)
    row = Install.objects.get()
    assert (str(row.fingerprint), row.epoch) == (fingerprint(), 2)
    assert kept(tmp_path) == instance.Instance(row.fingerprint, row.epoch)
    assert instance.file_of(tmp_path, row.place).stat().st_mode & 0o777 == 0o600
    for _ in range(3):
        instance.recognize(tmp_path, starts=True)
    assert (kept(tmp_path).epoch, frozen_why()) == (5, None)


def test_a_database_from_before_there_was_a_file_goes_on(tmp_path: Path) -> None:
    a_live_world()
    instance.recognize(tmp_path)
    assert frozen_why() is None


def test_it_has_gone_back_in_time(tmp_path: Path) -> None:
    """By whatever means: the file remembers a later start than the database does."""
    live = a_live_world()
    instance.recognize(tmp_path, starts=True)
    instance.recognize(tmp_path, starts=True)
    Install.objects.update(epoch=2)
    instance.recognize(tmp_path)
    found = freeze()
    assert found is not None
    assert (found.kind, "gone back in time" in found.why) == ("restored", True)
    assert found.missing
    event = Event.objects.get(organization=live.world.organization, verb="billing_frozen")
    assert event.why == found.why
    instance.recognize(tmp_path)
    assert freeze() == found, "told once"
    Install.objects.update(frozen_at=None, frozen_why="")
    instance.recognize(tmp_path, starts=True)
    assert frozen_why() is None, "it is this installation's database from now on"


def test_a_restore_says_so_itself_even_where_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIDTHRU_INSTANCE", "maple-club")
    instance.recognize(tmp_path, starts=True)
    Install.objects.update(epoch=0)  # as `paidthru restore` leaves it
    instance.recognize(tmp_path / "new", why="The backup club.backup was restored.")
    assert frozen_why() == "The backup club.backup was restored."


def test_a_backup_from_before_there_was_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_live_world()
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's transaction is in it
    with pytest.raises(Refused), instance.restoring(tmp_path):
        raise Refused("restore_failed", "It is damaged.")
    assert not instance.file_of(tmp_path, instance.place()).exists(), "nothing was restored"
    with instance.restoring(tmp_path):
        assert Install.objects.count() == 0
    instance.recognize(tmp_path)
    assert freeze().kind == "restored"  # type: ignore[union-attr]


def test_in_another_home_it_is_a_copy(tmp_path: Path) -> None:
    instance.recognize(tmp_path / "one")
    before = fingerprint()
    instance.recognize(tmp_path / "two")
    assert freeze().kind == "moved"  # type: ignore[union-attr]
    assert fingerprint() != before
    assert fingerprints() == {fingerprint(), before}, "what the other one made is known as its own"


def test_in_another_database_it_is_a_copy_even_with_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIDTHRU_INSTANCE", "maple-club")
    instance.recognize(tmp_path)
    Install.objects.update(place="7301-16400")  # where the rows were copied from
    instance.recognize(tmp_path)
    assert freeze().kind == "moved"  # type: ignore[union-attr]
    assert Install.objects.get().place == instance.place()


def test_several_machines_serve_one_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = str(new_id())
    monkeypatch.setenv("PAIDTHRU_INSTANCE", name)
    for machine in ("one", "two", "one", "three", "two"):
        instance.recognize(tmp_path / machine, starts=True)
    assert (fingerprint(), frozen_why()) == (name, None)
    assert (kept(tmp_path / "one").epoch, kept(tmp_path / "two").epoch) == (4, 6)


def test_a_home_may_serve_several_databases(tmp_path: Path) -> None:
    instance.recognize(tmp_path)
    files = list((tmp_path / "instance").iterdir())
    assert [file.name for file in files] == [instance.place()]


def test_a_file_that_cannot_be_read_stops_it(tmp_path: Path) -> None:
    instance.recognize(tmp_path)
    for text in ("", "{}", '{"fingerprint": "x", "epoch": 1}', "[]"):
        instance.file_of(tmp_path, instance.place()).write_text(text)
        with pytest.raises(Refused) as refusal:
            instance.recognize(tmp_path)
        assert refusal.value.code == "instance_unreadable"


def test_sandboxes_are_told_nothing(tmp_path: Path) -> None:
    sandbox = a_world()
    instance.recognize(tmp_path)
    instance.recognize(tmp_path / "copy")
    assert frozen_why() is not None
    assert not Event.objects.filter(organization=sandbox.organization, verb="billing_frozen").exists()


def test_an_unsafe_database_is_told_at_the_start_b62() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        fsync, synchronous = cursor.fetchone()
        found = schema.doubts()
        assert any("fsync" in one for one in found) == (fsync == "off")
        assert any("synchronous_commit" in one for one in found) == (synchronous == "off")
        cursor.execute("SET LOCAL synchronous_commit = on")
        assert not any("synchronous_commit" in one for one in schema.doubts())
        cursor.execute("SET LOCAL synchronous_commit = off")
        assert any("synchronous_commit" in one for one in schema.doubts())
