"""Uploaded files, kept on this machine between the steps of an import: for one person of one organization, for a day.

A file lies in a folder for its owner alone under a name that nobody can guess, with its notes (what was said about
it, how far it is, its report) beside it. Whoever does the work needs the same PAIDTHRU_HOME.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from paidthru.kernel.errors import Refused

KEPT_FOR = timedelta(hours=24)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and its notes. `token` is its name in addresses."""

    folder: Path
    token: str
    file_name: str

    def open(self) -> BinaryIO:
        """The file, for reading. Refused `upload_gone`."""
        try:
            return (self.folder / f"{self.token}.file").open("rb")
        except FileNotFoundError as error:
            raise _gone() from error

    def notes(self) -> dict[str, Any]:
        """What is known about the file. Refused `upload_gone`."""
        try:
            notes: dict[str, Any] = json.loads((self.folder / f"{self.token}.json").read_text())
        except FileNotFoundError as error:
            raise _gone() from error
        return notes

    def note(self, **changes: object) -> None:
        """Changes the notes; whoever reads meanwhile sees the old ones or the new ones, whole."""
        _write(self.folder / f"{self.token}.json", [json.dumps(self.notes() | changes, default=str).encode()])

    def drop_file(self) -> None:
        """Throws the file away and keeps the notes, so that its result can still be read."""
        (self.folder / f"{self.token}.file").unlink(missing_ok=True)

    def discard(self) -> None:
        """Throws the file and its notes away."""
        self.drop_file()
        (self.folder / f"{self.token}.json").unlink(missing_ok=True)


class Uploads:
    """The folder of uploads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(
        self, parts: Iterable[bytes], *, organization_id: UUID, user_id: UUID, file_name: str, now: datetime
    ) -> Upload:
        """Keeps a file, part by part, and throws away what others have left for more than a day (real time)."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep(now)
        upload = Upload(self._folder, secrets.token_urlsafe(24), file_name[-200:])
        _write(self._folder / f"{upload.token}.file", parts)
        notes = {
            "organization": str(organization_id),
            "user": str(user_id),
            "file": upload.file_name,
            "state": "new",
        }
        _write(self._folder / f"{upload.token}.json", [json.dumps(notes).encode()])
        return upload

    def find(self, token: str, *, organization_id: UUID, user_id: UUID | None = None) -> Upload | None:
        """The upload of that name, if it is the organization's (and the person's)."""
        if not _TOKEN.fullmatch(token):
            return None
        upload = Upload(self._folder, token, "")
        with suppress(Refused):
            notes = upload.notes()
            theirs = notes["organization"] == str(organization_id)
            if theirs and (user_id is None or notes["user"] == str(user_id)):
                return Upload(self._folder, token, str(notes["file"]))
        return None

    def sweep(self, now: datetime) -> None:
        """Throws away what is older than a day."""
        oldest = (now - KEPT_FOR).timestamp()
        for path in self._folder.iterdir() if self._folder.exists() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _write(path: Path, parts: Iterable[bytes]) -> None:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in parts:
            file.write(part)
    fresh.replace(path)


def _gone() -> Refused:
    return Refused(
        "upload_gone", "The uploaded file is no longer here.", field="file",
        fix="Uploads are kept for a day, and only until they are imported. Upload the file again.",
    )  # fmt: skip
