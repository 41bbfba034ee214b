"""PAIDTHRU_HOME: the one folder in which an installation keeps what it must not lose."""

import base64
import errno
import hashlib
import os
import secrets
import sys
import tempfile
from pathlib import Path

from paidthru.kernel.errors import Refused

#: A socket's path may have 103 bytes on macOS, 107 on Linux; `/.s.PGSQL.5432.lock` is the longest name in it.
LONGEST_SOCKET_FOLDER = 80


def home() -> Path:
    """The folder named by PAIDTHRU_HOME, else `paidthru` in the user's data folder. It need not exist yet."""
    named = os.environ.get("PAIDTHRU_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "paidthru"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "paidthru"


def make(folder: Path) -> None:
    """Make a folder of ours, for its owner alone, if it is not there yet.

    Raises Refused('home_unusable') when it cannot be made, entered or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it belongs to somebody else")
    except OSError as failed:
        raise Refused(
            "home_unusable",
            f"The folder {folder} cannot be used: {failed.strerror}.",
            fix="Set PAIDTHRU_HOME to a folder of your own.",
        ) from failed


def uploads() -> Path:
    """The folder of uploaded files, read anew each time: PAIDTHRU_HOME may be set after the settings are loaded."""
    return home() / "uploads"


def fonts() -> Path:
    """The folder of the installation's own fonts, for names in scripts that the product's fonts don't have."""
    return home() / "fonts"


def mail_url() -> str:
    """Who carries mail: PAIDTHRU_MAIL_URL, else a folder in the home, so that nothing leaves by surprise."""
    return os.environ.get("PAIDTHRU_MAIL_URL") or f"folder:{home() / 'mail'}"


def public_url() -> str:
    """The address in links, without a slash at its end: PAIDTHRU_URL, else where the console was last served."""
    named = os.environ.get("PAIDTHRU_URL")
    if not named:
        try:
            named = (home() / "served_at").read_text().strip()
        except (
            OSError
        ):  # nothing was served yet; or it is somebody else's, which whoever needs the home is told
            named = ""
    return (named or "http://localhost:8000").rstrip("/")


def served_at(address: str) -> None:
    """Keeps where the console is served, for links in what other commands mail or print."""
    make(home())
    _written(home() / "served_at", address + "\n").replace(home() / "served_at")


def socket_folder(of: Path) -> Path:
    """The folder of the database's socket for the home `of`; a function of the path alone.

    Inside the home where a socket's path may be that long, else a short one in /tmp (not TMPDIR: two processes of
    one home must agree). Always in /tmp for root, whose server runs as `nobody` and may not reach the home.
    """
    inside = of / "postgres" / "run"
    if os.geteuid() != 0 and len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    key = hashlib.sha256(os.fsencode(of.resolve())).hexdigest()[:16]
    return Path("/tmp") / f"paidthru-{os.geteuid()}-{key}"  # noqa: S108 - made 0700, and its owner checked


def secret_key(of: Path, *, create: bool) -> str:
    """Django's secret key: PAIDTHRU_SECRET_KEY, else the one kept in the home.

    A missing one is made and kept when `create` is true; otherwise (a type checker importing the settings) the key
    returned lives only as long as this process, and nothing is written.
    """
    named = os.environ.get("PAIDTHRU_SECRET_KEY")
    if named:
        return named
    kept = of / "secret_key"
    if not kept.exists() and create:
        _keep(kept, secrets.token_urlsafe(48))
    return kept.read_text().strip() if kept.exists() else secrets.token_urlsafe(48)


def sealing_keys() -> list[str]:
    """The keys that seal stored secrets, the newest first: PAIDTHRU_SEALING_KEY with commas between, else the file
    `sealing_keys` in the home, a key a line, which is made when it is first needed."""
    named = os.environ.get("PAIDTHRU_SEALING_KEY")
    if named:
        return [key.strip() for key in named.split(",") if key.strip()]
    kept = home() / "sealing_keys"
    if not kept.exists():
        _keep(kept, _sealing_key() + "\n")
    return kept.read_text().split()


def add_sealing_key() -> None:
    """Puts a new key before the others in the file, for what is sealed from now on.

    Raises Refused('keys_from_environment') where PAIDTHRU_SEALING_KEY names them: they are kept elsewhere.
    """
    if os.environ.get("PAIDTHRU_SEALING_KEY"):
        raise Refused(
            "keys_from_environment",
            "The sealing keys come from PAIDTHRU_SEALING_KEY.",
            fix="Put a new key (32 bytes in base64) first there, a comma, and then the old one.",
        )
    kept = home() / "sealing_keys"
    fresh = _written(kept, "\n".join([_sealing_key(), *sealing_keys()]) + "\n")
    fresh.replace(kept)


def setup_code() -> str:
    """What whoever sets the installation up proves by that they can read its home: six groups of letters and digits,
    made when it is first needed."""
    kept = home() / "setup_code"
    if not kept.exists():
        _keep(kept, "-".join(secrets.token_hex(2) for _ in range(6)) + "\n")
    return kept.read_text().strip()


def _sealing_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _keep(kept: Path, text: str) -> None:
    """Writes a file for its owner alone, unless another process did so meanwhile: the first of two wins, whole."""
    fresh = _written(kept, text)
    try:
        os.link(fresh, kept)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _written(beside: Path, text: str) -> Path:
    make(beside.parent)
    with tempfile.NamedTemporaryFile(
        "w", dir=beside.parent, prefix=f"{beside.name}.", delete=False
    ) as fresh:  # 0600 from birth
        fresh.write(text)
    return Path(fresh.name)
