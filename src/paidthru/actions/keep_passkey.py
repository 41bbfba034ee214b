"""Keep a passkey: a device that somebody signs in with from now on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import Passkey, User
from paidthru.organizations.operations import end_other_sign_ins, recovery_codes_unless_known
from paidthru.organizations.queries import has_second_factor
from paidthru.organizations.vault import Passkeys
from paidthru.timeline.operations import Actor, Places

MOST = 20


def keep_passkey(
    user: User, name: str, passkeys: Passkeys, kept: Mapping[str, Any], answer: str, *,
    actor: Actor, now: datetime, places: Places, here: str = "",
) -> list[str]:  # fmt: skip
    """Keeps the key that a device has made. Returns new recovery codes where there were none. The first second
    factor ends all other sign-ins than `here`, the browser's session: they gave a password alone. Refused:
    `passkey_wrong`, `passkey_known`, `too_many_passkeys`, and as `checked_name`."""
    name = checked_name(name, field="name", most=80)
    made = passkeys.made(kept, answer)
    try:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(id=user.id)
            if Passkey.objects.filter(user=user).count() >= MOST:
                raise Refused("too_many_passkeys", f"{MOST} passkeys are enough.", fix="Remove one first.")
            if not has_second_factor(user):
                end_other_sign_ins(user, here)
            Passkey.objects.create(
                user=user,
                name=name,
                handle=made.handle,
                public_key=made.public_key,
                count=made.count,
                made_at=now,
            )
            codes = recovery_codes_unless_known(user)
            note_sign_in_change(user, "passkey_kept", actor=actor, places=places, passkey=name)
            return codes
    except IntegrityError as error:
        raise Refused("passkey_known", "That passkey is known already.", fix="Use another device.") from error
