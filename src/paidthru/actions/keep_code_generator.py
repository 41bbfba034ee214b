"""Keep a code generator: an app on somebody's phone is a second factor from now on; its first code proves it."""

import base64
from datetime import datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import CodeGenerator, User
from paidthru.organizations.operations import end_other_sign_ins, recovery_codes_unless_known
from paidthru.organizations.queries import has_second_factor
from paidthru.organizations.rules.second_factor import matching_step
from paidthru.organizations.vault import Vault
from paidthru.timeline.operations import Actor, Places


def keep_code_generator(
    user: User, secret: str, typed: str, vault: Vault, *, actor: Actor, now: datetime, places: Places,
    here: str = "",
) -> list[str]:  # fmt: skip
    """Keeps the app with this secret (base32), in place of an earlier one; `typed` is what it shows now. Returns new
    recovery codes where there were none. The first second factor ends all other sign-ins than `here`, the browser's
    session: they gave a password alone. Refused: `code_wrong`."""
    step = matching_step(base64.b32decode(secret), typed, now, after=0)
    if step is None:
        raise Refused(
            "code_wrong",
            "That isn’t the code that the app should show now.",
            field="code",
            fix="Type the one it shows; if it is never right, set the phone’s clock by the network.",
        )
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        if not has_second_factor(user):
            end_other_sign_ins(user, here)
        CodeGenerator.objects.filter(user=user).delete()
        made = CodeGenerator(user=user, last_step=step, made_at=now)
        made.secret = vault.seal(user.id, secret)
        made.save()
        codes = recovery_codes_unless_known(user)
        note_sign_in_change(user, "code_generator_kept", actor=actor, places=places)
        return codes
