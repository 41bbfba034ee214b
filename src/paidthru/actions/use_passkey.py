"""Use a passkey: it has answered, so it is there; its signature counter goes up and never back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Passkey, User
from paidthru.organizations.vault import Passkeys


def use_passkey(
    passkeys: Passkeys, kept: Mapping[str, Any], answer: str, *, now: datetime, user: User | None = None
) -> User:
    """Whose passkey has answered; with `user`, only theirs counts. Refused: `passkey_wrong`, `passkey_unknown`,
    `passkey_copied`."""
    with transaction.atomic():
        handle = passkeys.handle_of(answer)
        known = Passkey.objects.select_for_update(of=("self",)).select_related("user")
        passkey = known.filter(handle=handle, user__is_active=True).first()
        if passkey is None or (user is not None and passkey.user_id != user.id):
            raise Refused("passkey_unknown", "That passkey isn’t known here.", fix="Sign in another way.")
        used = passkeys.used(kept, answer, bytes(passkey.public_key))
        if used.user and used.user != passkey.user_id.bytes:
            raise Refused("passkey_unknown", "That passkey isn’t known here.", fix="Sign in another way.")
        if (used.count or passkey.count) and used.count <= passkey.count:
            raise Refused(
                "passkey_copied",
                "That passkey has signed less often than it had before: there may be a copy of it.",
                fix="Sign in another way, and remove it under Your sign-in.",
            )
        Passkey.objects.filter(id=passkey.id).update(count=used.count, used_at=now)
        return passkey.user
