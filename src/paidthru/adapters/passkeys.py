"""Passkeys by way of fido2: what a browser is asked, and whether what a device answers is genuine."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from paidthru.kernel.errors import Refused
from paidthru.organizations.vault import MadePasskey, UsedPasskey

logging.getLogger("fido2").setLevel(logging.ERROR)  # it tells of each credential that answers


class WebAuthn:
    """The port `Passkeys` for one site. `host` is its name without a port, `origin` its address as a browser says it:
    a key made for another site, or answering on one, is refused."""

    def __init__(self, host: str, origin: str) -> None:
        self._server = Fido2Server(
            PublicKeyCredentialRpEntity(name="Paidthru", id=host), verify_origin=lambda given: given == origin
        )

    def offer(
        self, user_id: UUID, email: str, name: str, known: Sequence[bytes]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Options by which a browser makes a key, and what to keep until it has."""
        options, kept = self._server.register_begin(
            PublicKeyCredentialUserEntity(id=user_id.bytes, name=email, display_name=name or email),
            [AttestedCredentialData(one) for one in known],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return dict(options), dict(kept)

    def made(self, kept: Mapping[str, Any], answer: str) -> MadePasskey:
        """The key that was made. Refused: `passkey_wrong`."""
        try:
            read = RegistrationResponse.from_dict(_read(answer))
            data = self._server.register_complete(dict(kept), read)
        except _WRONG as error:
            raise _wrong() from error
        if data.credential_data is None:
            raise _wrong()
        return MadePasskey(data.credential_data.credential_id, bytes(data.credential_data), data.counter)

    def ask(self, known: Sequence[bytes], *, alone: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        """Options by which a browser answers. Alone it has to know its owner too, by a finger or a number."""
        options, kept = self._server.authenticate_begin(
            None if alone else [AttestedCredentialData(one) for one in known],
            user_verification=UserVerificationRequirement.REQUIRED
            if alone
            else UserVerificationRequirement.PREFERRED,
        )
        return dict(options), dict(kept)

    def handle_of(self, answer: str) -> bytes:
        """The handle of the key that has answered, not verified yet. Refused: `passkey_wrong`."""
        try:
            return bytes(AuthenticationResponse.from_dict(_read(answer)).raw_id)
        except _WRONG as error:
            raise _wrong() from error

    def used(self, kept: Mapping[str, Any], answer: str, public_key: bytes) -> UsedPasskey:
        """The key that has answered. Refused: `passkey_wrong`."""
        try:
            read = AuthenticationResponse.from_dict(_read(answer))
            self._server.authenticate_complete(dict(kept), [AttestedCredentialData(public_key)], read)
        except _WRONG as error:
            raise _wrong() from error
        told = read.response
        return UsedPasskey(
            bytes(read.raw_id), told.authenticator_data.counter, bytes(told.user_handle or b"")
        )


#: What reading a made up answer comes to: any error at all, as the parser reads what strangers send byte by byte.
_WRONG = (Exception,)


def _read(answer: str) -> dict[str, Any]:
    found = json.loads(answer[:100_000])
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _wrong() -> Refused:
    return Refused(
        "passkey_wrong", "The passkey’s answer isn’t good.", fix="Try again, or sign in another way."
    )
