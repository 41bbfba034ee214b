"""Secrets of a user, sealed as a processor's are, each bound to its user."""

from dataclasses import dataclass
from uuid import UUID

from paidthru.adapters.sealing import Place, Sealer


@dataclass(frozen=True, slots=True)
class UserVault:
    """Seals what only its user may use. A user belongs to no organization: the place's row and owner are the user."""

    sealer: Sealer

    def seal(self, user_id: UUID, secret: str) -> bytes:
        """The secret as it may be stored."""
        return self.sealer.seal(secret, _place(user_id))

    def open(self, user_id: UUID, sealed: bytes) -> str:
        """The secret itself. Refused: `sealing_key_missing`, `seal_broken`."""
        return self.sealer.open(sealed, _place(user_id))


def _place(user_id: UUID) -> Place:
    return Place("organizations_codegenerator", "secret", user_id, user_id)
