"""The ports of signing in: what keeps a user's secrets, what knows passkeys, and a sign-in service of somebody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID


class Vault(Protocol):
    """Seals what only its user may use, bound to that user."""

    def seal(self, user_id: UUID, secret: str) -> bytes:
        """The secret as it may be stored."""
        ...

    def open(self, user_id: UUID, sealed: bytes) -> str:
        """The secret itself. Refused: `sealing_key_missing`, `seal_broken`."""
        ...


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """A key that a device has made for somebody."""

    handle: bytes
    public_key: bytes
    count: int


@dataclass(frozen=True, slots=True)
class UsedPasskey:
    """A key that has answered: its handle, how often it has signed, and whose it says it is."""

    handle: bytes
    count: int
    user: bytes


class Passkeys(Protocol):
    """Asks devices for keys and verifies what they answer. `kept` is the question, and may be answered once."""

    def offer(
        self, user_id: UUID, email: str, name: str, known: Sequence[bytes]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Options by which a browser makes a key, and what to keep until it has."""
        ...

    def made(self, kept: Mapping[str, Any], answer: str) -> MadePasskey:
        """The key that was made. Refused: `passkey_wrong`."""
        ...

    def ask(self, known: Sequence[bytes], *, alone: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        """Options by which a browser answers with one of the public keys, or with any where it signs in `alone`."""
        ...

    def handle_of(self, answer: str) -> bytes:
        """The handle of the key that has answered, not verified yet. Refused: `passkey_wrong`."""
        ...

    def used(self, kept: Mapping[str, Any], answer: str, public_key: bytes) -> UsedPasskey:
        """The key that has answered. Refused: `passkey_wrong`."""
        ...


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody for whom a sign-in service vouches; `strong`: it says that it asked for more than a password."""

    email: str
    strong: bool


class SignInService(Protocol):
    """Where staff sign in elsewhere (OpenID Connect)."""

    def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """The address to send the browser to, and what to keep until it is back. Refused: `sign_in_service_down`."""
        ...

    def finish(self, kept: Mapping[str, str], given: Mapping[str, str], back: str) -> Vouched:
        """Who came back. Refused: `sign_in_service_down`, `sign_in_refused`."""
        ...
