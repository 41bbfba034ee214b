"""Secrets at rest: sealed with AES-256-GCM, each bound to the place where it stands.

A sealed secret names its key, so that keys can be changed one after the other: the newest seals, all that are known
open. The place (table, column, row, organization) is authenticated with it: moved elsewhere it doesn't open.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from paidthru.kernel.errors import Refused

_VERSION = b"\x01"
_KEY_ID, _NONCE, KEY_BYTES = 8, 12, 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret stands."""

    table: str
    column: str
    row: UUID
    organization: UUID

    def as_bytes(self) -> bytes:
        """What is authenticated along with the secret."""
        return f"{self.table}|{self.column}|{self.row}|{self.organization}".encode()


class Sealer:
    """Seals with the first of its keys, opens with any. Keys are given as 32 bytes in base64."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {_id_of(key): key for key in map(_key_of, keys)}  # in order: the first is the newest
        if not self._keys:
            raise _no_key("There is no key to seal secrets with.")

    def __repr__(self) -> str:
        return f"<Sealer with {len(self._keys)} keys>"

    def seal(self, secret: str, place: Place) -> bytes:
        """The secret as it may be stored."""
        id_, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + id_ + nonce + AESGCM(key).encrypt(nonce, secret.encode(), place.as_bytes())

    def open(self, sealed: bytes, place: Place) -> str:
        """The secret itself. Refused: `sealing_key_missing`, `seal_broken`."""
        body = bytes(sealed)
        id_, nonce = body[1 : 1 + _KEY_ID], body[1 + _KEY_ID : 1 + _KEY_ID + _NONCE]
        key = self._keys.get(id_)
        if body[:1] != _VERSION or key is None:
            raise _no_key("A stored secret was sealed with a key that is not here.")
        try:
            return AESGCM(key).decrypt(nonce, body[1 + _KEY_ID + _NONCE :], place.as_bytes()).decode()
        except (InvalidTag, ValueError):
            raise Refused(
                "seal_broken",
                "A stored secret does not open: it was changed, or moved from its place.",
                fix="Enter the secret again.",
            ) from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return bytes(sealed)[1 : 1 + _KEY_ID] == next(iter(self._keys))


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"paidthru sealing key" + key).digest()[:_KEY_ID]


def _key_of(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise _no_key("A sealing key is not 32 bytes in base64.")
    return key


def _no_key(message: str) -> Refused:
    return Refused(
        "sealing_key_missing",
        message,
        fix="Put the key back (PAIDTHRU_SEALING_KEY, or sealing_keys in PAIDTHRU_HOME), or enter the secrets again.",
    )
