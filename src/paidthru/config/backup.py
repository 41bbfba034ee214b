"""One file that holds everything in the database, and the way back from it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from paidthru.config import binaries, database
from paidthru.kernel.errors import Refused

#: A dump with these tables is one of ours.
OURS = ("TABLE DATA public django_migrations", "TABLE DATA public organizations_organization")


_MARK_RESTORED = """DO $$ BEGIN
    IF to_regclass('public.organizations_install') IS NOT NULL THEN
        UPDATE public.organizations_install SET epoch = 0;
    END IF;
END $$"""


def backup(file: Path) -> int:
    """Write the whole database to `file` (pg_dump's custom format, readable by us alone); returns its size in bytes.

    The file appears whole or not at all, and never in place of another. What is written while it runs is not in it:
    a backup is the database at the moment it began.
    Raises Refused: 'file_exists', 'folder_missing', 'backup_failed', and what `binaries.at_least` raises.
    """
    if not file.parent.is_dir():
        raise Refused("folder_missing", f"There is no folder {file.parent}.", field="file", value=str(file))
    if file.exists():
        raise _exists(file)
    programs = binaries.at_least(_server_major())
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")  # 0600
    fresh = Path(name)
    try:
        how = ("--format=custom", "--no-owner", "--no-privileges", "--file", str(fresh))
        done = subprocess.run(
            **_reaching(programs.folder / "pg_dump", *how), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refused("backup_failed", f"No backup was written: {done.stderr.strip()}")
        os.fsync(handle)
        os.link(fresh, file)  # unlike a rename, it refuses to replace a file that has come meanwhile
    except FileExistsError as taken:
        raise _exists(file) from taken
    finally:
        os.close(handle)
        fresh.unlink()
    return file.stat().st_size


def restore(file: Path, *, force: bool = False) -> None:
    """Put the contents of a backup in place of the database's own, in one transaction: all of it or nothing.

    What comes up is marked as restored in that same transaction, so that `instance` freezes it (B-63).

    Raises Refused: 'file_missing', 'not_a_backup', 'backup_newer' (made with a newer PostgreSQL), 'database_not_empty'
    (it has an organization, and `force` is false), 'database_in_use', 'restore_failed'.
    """
    if not file.is_file():
        raise Refused("file_missing", f"There is no file {file}.", field="file", value=str(file))
    programs = binaries.at_least(_server_major())
    _must_be_ours(file, programs)
    _must_be_free(force)
    read: list[str | Path] = [
        programs.folder / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--file=-",
        file,
    ]
    anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    write = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    write += ["--output", os.devnull, "--command", anew, "--file", "-", "--command", _MARK_RESTORED]
    with tempfile.TemporaryFile() as faults:
        reading = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=faults)
        writing = subprocess.Popen(
            **_reaching(programs.folder / "psql", *write), stdin=subprocess.PIPE, stderr=faults
        )
        assert reading.stdout
        assert writing.stdin
        try:
            shutil.copyfileobj(reading.stdout, writing.stdin)
        except BrokenPipeError:  # psql stopped at an error; what it said is below
            reading.kill()
        if reading.wait():
            writing.kill()  # before it sees the end of its input, which it would take for the end of a whole script
        else:
            _close(writing)
        if writing.wait() or reading.returncode:
            faults.seek(0)
            told = faults.read().decode(errors="replace").strip().splitlines()
            said = [line for line in told if "NOTICE:" not in line]
            raise Refused(
                "restore_failed",
                f"{file} was not restored, the database is as it was: {said[0] if said else 'no reason given'}",
                fix="The file may be damaged: try an older backup.",
            )


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    with suppress(BrokenPipeError):  # it has ended with an error already
        process.stdin.close()


def _exists(file: Path) -> Refused:
    return Refused(
        "file_exists",
        f"{file} exists already, and a backup never replaces another.",
        field="file",
        value=str(file),
        fix="Name a new file.",
    )


def _server_major() -> int:
    with psycopg.connect(**database.parameters()) as connection:
        return connection.info.server_version // 10_000


def _reaching(program: Path, *arguments: str) -> dict[str, Any]:
    """Popen's arguments for a client program. The password goes by the environment: a command line can be read."""
    found: dict[str, Any] = database.parameters()
    password = found.pop("password", None)
    environment = dict(os.environ) | ({"PGPASSWORD": password} if password else {})
    command = [program, "--no-password", "--dbname", make_conninfo(**found), *arguments]
    return {"args": command, "env": environment}


def _must_be_ours(file: Path, programs: binaries.Binaries) -> None:
    listed = subprocess.run(
        [programs.folder / "pg_restore", "--list", file], capture_output=True, text=True, check=False
    )
    if "unsupported version" in listed.stderr:
        raise Refused(
            "backup_newer",
            f"{file} was made with a newer PostgreSQL than this database's ({programs.version}).",
            fix="Restore it into a new PAIDTHRU_HOME, with the newer PostgreSQL's programs in PAIDTHRU_PG_BINDIR.",
        )
    if listed.returncode or not all(table in listed.stdout for table in OURS):
        raise Refused(
            "not_a_backup",
            f"{file} is not a backup made by `paidthru backup`.",
            field="file",
            value=str(file),
            fix="Name the file that `paidthru backup` wrote.",
        )


def _must_be_free(force: bool) -> None:
    with psycopg.connect(**database.parameters()) as connection:
        table = connection.execute("SELECT to_regclass('public.organizations_organization')").fetchone()
        if table and table[0] and not force:
            organization = connection.execute(
                "SELECT name FROM organizations_organization LIMIT 1"
            ).fetchone()
            if organization:
                raise Refused(
                    "database_not_empty",
                    f"The database is in use: it has the organization {organization[0]}.",
                    fix="Set PAIDTHRU_HOME to a new folder, or add --force to replace everything in this one.",
                )
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    if others and others[0]:
        raise Refused(
            "database_in_use",
            f"{others[0]} other connections use the database.",
            fix="Stop `paidthru serve` and every `paidthru worker` first.",
        )
