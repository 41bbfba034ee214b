"""The embedded PostgreSQL: a real server, run as our child, for whoever has no DATABASE_URL.

Whoever needs it first starts it, and whoever leaves last stops it. Three flocks in HOME/postgres say who is there;
the kernel gives them up when a process ends, however it ends, so nothing here can be left behind by a kill -9:

- door.lock    held while somebody starts, joins or leaves: one at a time;
- users.lock   shared by every process that uses the server;
- server.lock  inherited by postgres and each of its children: held exactly as long as one of them lives. Process
               ids in postmaster.pid, which may have been reused, are believed only while it is held.

As root postgres runs as `nobody`. It reaches its data through an inherited file descriptor, so the home may lie
where `nobody` could not go (/root), and no folder's mode has to be changed.
"""

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from paidthru.config import binaries
from paidthru.config.database import NAME
from paidthru.config.home import make, socket_folder
from paidthru.kernel.errors import Refused

PORT = 5432  # names the socket's file; no TCP port is opened
PATIENCE = 30.0  # seconds for a held lock to answer or be freed
RECOVERY = 600.0  # seconds for a starting server, which may have much to recover
LOG_LIMIT = 1_000_000  # bytes; a larger log is set aside at the next start

#: What no postgresql.conf may change.
ALWAYS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
}
#: Written into a new cluster's postgresql.conf, for its owner to tune. The log quotes no statement and no row.
FIRST = """
# Paidthru
timezone = 'UTC'
log_timezone = 'UTC'
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
"""


class Share:
    """One process's part in the running server. `leave` gives it up; the last to leave stops the server."""

    def __init__(self, home: Path, users: int, child: subprocess.Popen[bytes] | None) -> None:
        self.host = str(socket_folder(home))
        self.parameters: dict[str, Any] = {"host": self.host, "port": PORT, "dbname": NAME, "user": NAME}
        self.child = child
        self._place = home / "postgres"
        self._users = users
        self._owner = os.getpid()

    def leave(self) -> None:
        """Give up our part. Does nothing the second time, and nothing in a forked child."""
        if self._users < 0 or os.getpid() != self._owner:
            return
        with _door(self._place):
            if _try_lock(self._users) and _stop(self._place, self.host) and self.child:
                self.child.wait()
            os.close(self._users)
            self._users = -1


def ensure_running(home: Path, options: Mapping[str, str] | None = None) -> Share:
    """Join the server of `home`, or make and start it. `options` are further settings, used when it is started.

    Raises Refused: 'database_busy' when its lock is held but nothing answers, 'database_foreign' when somebody else
    runs a server on the data, 'database_did_not_start', 'socket_folder_unsafe', and what `binaries.choose` raises.
    """
    place = home / "postgres"
    make(home)
    make(place)
    with _door(place):
        _private(socket_folder(home))
        users = _open(place / "users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _open(place / "server.lock")
            try:
                child = None if _joined(server, home) else _start(home, server, options or {})
            finally:
                os.close(server)  # postgres, if it runs, holds it on
            return Share(home, users, child)
        except BaseException:
            os.close(users)
            with suppress(OSError):  # not empty: a server's socket is in it
                socket_folder(home).rmdir()
            raise


def claim(home: Path, what: str) -> int:
    """Be the only process that does `what` ("serve") for this home, until it ends. Returns the lock's descriptor.

    Raises Refused('already_running'), naming the process that does.
    """
    make(home)
    lock = _open(home / f"{what}.lock")
    if not _try_lock(lock):
        who = os.pread(lock, 20, 0).decode() or "unknown"
        os.close(lock)
        raise Refused(
            "already_running",
            f"Paidthru is already running (`{what}`) on the folder {home}: process {who}.",
            fix=f"Use that one, stop it first (kill {who}), or set PAIDTHRU_HOME to another folder.",
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _door(place: Path) -> Iterator[None]:
    door = _open(place / "door.lock")
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
    finally:
        os.close(door)


def _answers(host: str, port: int = PORT) -> bool:
    """Does a server take connections there? One that has too many already does."""
    there = make_conninfo(host=host, port=port, user=NAME, dbname="postgres", connect_timeout=5)
    return psycopg.pq.PGconn.ping(there.encode()) == psycopg.pq.Ping.OK


def _joined(server: int, home: Path) -> bool:
    """True when a server runs and answers; False when none runs and we hold its lock now."""
    host = str(socket_folder(home))
    beat = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if _try_lock(server):
            return False
        if _answers(host):
            return True
        beat.wait(0.02)  # it recovers after its starter was killed, or its last children are ending
    raise Refused(
        "database_busy",
        f"Another process holds the database in {home / 'postgres'}, but it does not answer at {host}.",
        fix="If another machine or container uses this folder, stop it there; else end the postgres process.",
    )


def _unprivileged() -> dict[str, Any]:
    """How root starts a child as `nobody`; nothing for everyone else."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise Refused(
            "nobody_missing",
            "PostgreSQL refuses to run as root, and this machine has no user `nobody` for it.",
            fix="Run Paidthru as an ordinary user, or set DATABASE_URL.",
        ) from missing
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give(path: Path, to: Mapping[str, Any]) -> None:
    if to:
        os.chown(path, to["user"], to["group"])


def _private(folder: Path) -> None:
    """Make the socket's folder, open to its owner alone; refuse one that somebody else has put there."""
    user = _unprivileged()
    try:
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
        _give(folder, user)
    except FileExistsError:
        found = folder.lstat()
        ours = found.st_uid in {os.geteuid(), user.get("user", os.geteuid())}
        if not (stat.S_ISDIR(found.st_mode) and ours and stat.S_IMODE(found.st_mode) == 0o700):
            raise Refused(
                "socket_folder_unsafe",
                f"{folder}, where the database's socket goes, belongs to somebody else or is open to others.",
                fix="Look at what it is, and remove it.",
            ) from None
        _give(folder, user)


def _run(program: Path, data: Path, *arguments: str, **how: Any) -> subprocess.Popen[bytes]:
    """Start a PostgreSQL program on a data folder, unprivileged, away from our terminal's signals."""
    user = _unprivileged()
    folder, keep = str(data), how.pop("pass_fds", ())
    seen = -1
    if user and sys.platform == "linux":
        seen = os.open(data, os.O_RDONLY)  # its descriptor leads there, whatever lies on the way
        folder, keep = f"/proc/self/fd/{seen}", (*keep, seen)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    try:
        return subprocess.Popen(
            [program, "-D", folder, *arguments],
            env=clean | {"LC_ALL": "C"}, cwd="/", umask=0o077, start_new_session=True,
            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, pass_fds=keep, **user, **how,
        )  # fmt: skip
    finally:
        if seen >= 0:
            os.close(seen)


def _make_cluster(programs: binaries.Binaries, cluster: Path, server: int) -> None:
    """initdb beside the place, then one rename: a cluster is there whole, or not at all.

    initdb holds server.lock as postgres will, so that nobody begins anew while one that lost its starter still writes.
    """
    fresh = cluster.with_name("cluster.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _give(fresh, _unprivileged())
    # Names sort by code point, the same on every machine; upper and lower case follow Unicode.
    case = ["--locale=C"]
    if programs.major >= 17:
        case += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    elif sys.platform == "linux":
        case += ["--lc-ctype=C.UTF-8"]
    made = _run(
        programs.folder / "initdb", fresh,
        "--username", NAME, "--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions", *case,
        stdout=subprocess.PIPE, pass_fds=(server,),
    )  # fmt: skip
    said = made.communicate()[0].decode(errors="replace")
    if made.returncode:
        raise _did_not_start(said)
    with open(fresh / "postgresql.conf", "a") as conf:
        conf.write(FIRST)
    fresh.rename(cluster)
    place = os.open(cluster.parent, os.O_RDONLY)
    os.fsync(place)  # before anything is committed in it
    os.close(place)


def _did_not_start(log: str) -> Refused:
    lines = [line for line in log.splitlines() if line.strip()]
    return Refused(
        "database_did_not_start",
        "The embedded PostgreSQL did not start. Its last words:\n" + "\n".join(lines[-5:]),
        fix="Mend what it names (a full disk, missing rights), or set DATABASE_URL.",
    )


def _forget_the_dead(cluster: Path, host: str) -> None:
    """Remove what a killed server left. Called with server.lock held: no server that we started runs on it."""
    left = cluster / "postmaster.pid"
    if left.exists():
        lines = left.read_text().splitlines()
        if len(lines) > 4 and lines[4] and _answers(lines[4], int(lines[3])):
            raise Refused(
                "database_foreign",
                f"A PostgreSQL that Paidthru did not start runs on {cluster} (process {lines[0]}).",
                fix="Stop it first, with the command that started it.",
            )
        left.unlink()
    for socket in Path(host).glob(".s.PGSQL.*"):
        socket.unlink()


def _start(home: Path, server: int, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    cluster, host = home / "postgres" / "cluster", str(socket_folder(home))
    version = cluster / "PG_VERSION"
    programs = binaries.choose(int(version.read_text()) if version.exists() else None)
    if os.geteuid() == 0:
        programs = binaries.for_everybody(programs)
    if not cluster.exists():
        _make_cluster(programs, cluster, server)
    _forget_the_dead(cluster, host)
    log = home / "postgres" / "server.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.rename(log.with_suffix(".log.1"))
    settings = ALWAYS | {"unix_socket_directories": host} | dict(options)
    flags = [flag for name, value in settings.items() for flag in ("-c", f"{name}={value}")]
    with open(log, "ab") as out:
        began = out.tell()
        child = _run(programs.folder / "postgres", cluster, *flags, stdout=out, pass_fds=(server,))
    try:
        for _ in range(int(RECOVERY / 0.02)):
            try:
                child.wait(0.02)
                raise _did_not_start(log.read_bytes()[began:].decode(errors="replace"))
            except subprocess.TimeoutExpired:
                if _answers(host):
                    break
        else:
            raise _did_not_start(f"It was still not ready after {RECOVERY:.0f} seconds; see {log}.")
        _make_database(host)
    except BaseException:
        child.send_signal(signal.SIGINT)
        child.wait()
        raise
    return child


def _make_database(host: str) -> None:
    with psycopg.connect(host=host, port=PORT, user=NAME, dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME}")


def _stop(place: Path, host: str) -> bool:
    """A fast shutdown, waited for. One that does not answer is left to its recovery: the next to come joins it."""
    server = _open(place / "server.lock")
    try:
        if _try_lock(server) or not _answers(host):
            return False
        # It answers at our private socket, so it wrote this file and is the process in it.
        pid = int((place / "cluster" / "postmaster.pid").read_text().split()[0])
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        fcntl.flock(server, fcntl.LOCK_EX)  # free once its last process has gone
        shutil.rmtree(host, ignore_errors=True)
        return True
    finally:
        os.close(server)
