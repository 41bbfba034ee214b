"""Which installation this is: told by a file outside the database, so that a database that was restored or copied is
known for one and charges nobody until a person has looked (field-notes B-63, B-64, C.10).

The file holds a fingerprint, the installation's name of itself, and an epoch, which each start of the console or a
worker raises in the database and then in the file. A database whose epoch is behind the file's has gone back in time;
`paidthru restore` sets it to 0. A database that does not lie where its own row says, or that has no file here, is a
copy. PAIDTHRU_INSTANCE may say the fingerprint, where several machines serve one database.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import ProgrammingError, connection, transaction

from paidthru.config import home
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Install, Organization
from paidthru.organizations.operations import freeze_install
from paidthru.timeline.operations import SCHEDULE, Happening, record

LOCK = 0x1257  # an advisory lock's number: of two processes that start together one is the first


@dataclass(frozen=True, slots=True)
class Instance:
    """What the file says."""

    fingerprint: UUID
    epoch: int


def place() -> str:
    """Which database this is, wherever it is reached: the cluster's identifier, and the database's number in it."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SELECT system_identifier FROM pg_control_system()")
                cluster = cursor.fetchone()[0]
        except ProgrammingError:  # a provider may keep it to itself
            cluster = "database"
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        return f"{cluster}-{cursor.fetchone()[0]}"


def file_of(of: Path, at: str) -> Path:
    """The file of the home `of` for a database: one home may have served several."""
    return of / "instance" / at


def named() -> UUID | None:
    """The fingerprint that PAIDTHRU_INSTANCE says: a UUID as it is, any other text by its hash."""
    text = os.environ.get("PAIDTHRU_INSTANCE", "").strip()
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"paidthru:{text}")


def read(file: Path) -> Instance | None:
    """What the file says; None when there is none. Refused `instance_unreadable`."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Instance(UUID(said["fingerprint"]), int(said["epoch"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as broken:
        raise Refused(
            "instance_unreadable",
            f"{file} can't be read, so nobody knows whether this database is the one it belongs to.",
            fix="Remove the file: charging is then frozen until the processor was read through.",
        ) from broken


def write(file: Path, instance: Instance) -> None:
    """Puts the file in place, whole and durable."""
    home.make(file.parent)
    handle, fresh = tempfile.mkstemp(dir=file.parent, prefix=".")  # 0600 from birth
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump({"fingerprint": str(instance.fingerprint), "epoch": instance.epoch}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        Path(fresh).replace(file)
    finally:
        with suppress(FileNotFoundError):
            Path(fresh).unlink()


@contextmanager
def restoring(of: Path) -> Iterator[None]:
    """While a backup is restored there is a file, so that what comes up is not taken for new; where nothing was
    restored, it is as before."""
    file = file_of(of, place())
    made = read(file) is None
    if made:
        write(file, Instance(named() or new_id(), 1))
    connection.close()  # nobody may look on, not even we
    try:
        yield
    except Refused:
        if made:
            file.unlink()
        raise


def recognize(of: Path, *, starts: bool = False, why: str = "") -> None:
    """Compares the database with the file, and freezes it when it isn't the one that was left. With `starts` (the
    console, a worker) the epoch goes up. `why` is told instead of what can be seen from here."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        at = place()
        row, kept = Install.objects.select_for_update().first(), read(file_of(of, at))
        if row is None:
            row = _first(at, kept, why)
        else:
            _compared(row, at, kept, why)
        if starts:
            row.epoch += 1
            row.save(update_fields=["epoch"])
        found = Instance(row.fingerprint, row.epoch)
    if found != kept:  # a crash before this leaves the database ahead of the file, which is no fault
        write(file_of(of, at), found)


def _first(at: str, kept: Instance | None, why: str) -> Install:
    """The row of a database that has none. One with organizations that has a file is older than the file."""
    fingerprint = named() or (kept.fingerprint if kept else new_id())
    row = Install.objects.create(fingerprint=fingerprint, epoch=kept.epoch if kept else 1, place=at)
    if kept is not None and Organization.objects.exists():
        _freeze(row, "restored", why or "The database is older than this installation: it was restored.")
    return row


def _compared(row: Install, at: str, kept: Instance | None, why: str) -> None:
    """Freezes a database that is not the one that was left, and lets it be this installation's from now on."""
    ours = named() or (kept.fingerprint if kept else new_id())
    moved = ours != row.fingerprint or row.place not in ("", at)
    if moved:
        told = "The database belongs to another installation: it was copied or moved here."
    elif row.epoch == 0 or (kept is not None and row.epoch < kept.epoch):
        told = "The database has gone back in time: it was restored from a backup."
    else:
        if not row.place:
            row.place = at
            row.save(update_fields=["place"])
        return
    if moved:
        row.earlier = sorted({*row.earlier, str(row.fingerprint)})
        if ours == row.fingerprint and named() is None:
            ours = new_id()
    row.fingerprint, row.place, row.epoch = ours, at, max(row.epoch, kept.epoch if kept else 1)
    row.save(update_fields=["fingerprint", "place", "earlier", "epoch"])
    _freeze(row, "moved" if moved else "restored", why or told)


def _freeze(row: Install, kind: str, why: str) -> None:
    freeze_install(row, kind, why, known_until=_known_until())
    live = Organization.objects.filter(mode=Organization.Mode.LIVE)
    for organization in live:
        happening = Happening("billing_frozen", "organization", organization.id, why=why)
        record(organization.id, SCHEDULE, SystemClock().now(), [happening])


def _known_until() -> datetime | None:
    """The last instant at which something happened in a live organization, as far as the database knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT max(e.at) FROM timeline_event e
               JOIN organizations_organization o ON o.id = e.organization_id WHERE o.mode = 'live'"""
        )
        at: datetime | None = cursor.fetchone()[0]
    return at
