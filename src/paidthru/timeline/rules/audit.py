"""The chain of seals over events: who changes, removes or slips in one later breaks it (field-notes E.5). Pure.

A seal covers up to `A_SEAL` events in the order of their ids, and the seal before it. Its digest is an HMAC-SHA256
under a key that is kept outside the database: whoever can write there, and doesn't hold the key, can't make it good
again. The last seals could still be cut off with all that they cover: a head that is kept elsewhere shows that.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

A_SEAL = 500
FIRST = "0" * 64  # what stands before the first seal


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """The keys of the chain, the newest first: it seals, all that are known verify."""

    keys: tuple[bytes, ...]

    @classmethod
    def of(cls, sealing_keys: Sequence[str]) -> "AuditKeys":
        """Keys of their own, made from those that seal secrets."""
        return cls(
            tuple(hmac.digest(one.encode(), b"paidthru audit chain", "sha256") for one in sealing_keys)
        )

    def named(self, key_id: str) -> bytes | None:
        """The key of that name; None where it isn't here."""
        return next((one for one in self.keys if id_of(one) == key_id), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is sealed: all that it says."""

    id: UUID
    at: datetime
    actor_kind: str
    actor: str
    verb: str
    subject_kind: str
    subject_id: UUID
    party_id: UUID | None
    why: str
    facts: Mapping[str, Any]

    def canonical(self) -> bytes:
        """The same bytes for the same event, always."""
        said = [
            str(self.id), self.at.astimezone(UTC).isoformat(), self.actor_kind, self.actor, self.verb,
            self.subject_kind, str(self.subject_id), str(self.party_id or ""), self.why, self.facts,
        ]  # fmt: skip
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def id_of(key: bytes) -> str:
    """A key's name, which says nothing of it."""
    return hashlib.sha256(b"paidthru audit key" + key).hexdigest()[:16]


def digest_of(key: bytes, number: int, previous: str, entries: Iterable[Entry]) -> str:
    """The digest of the seal of that number (from 1) over events, after the seal with the digest `previous`."""
    mac = hmac.new(key, f"{number}\n{previous}\n".encode(), "sha256")
    for one in entries:
        mac.update(one.canonical())
        mac.update(b"\n")
    return mac.hexdigest()
