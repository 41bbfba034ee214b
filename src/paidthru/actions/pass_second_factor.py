"""Pass the second factor: a code of the app or a recovery code, each good once."""

import base64
from datetime import datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import CodeGenerator, RecoveryCode, User
from paidthru.organizations.rules.second_factor import matching_step, recovery_digest
from paidthru.organizations.vault import Vault
from paidthru.timeline.operations import Actor, Places


def pass_second_factor(
    user: User, typed: str, vault: Vault, *, actor: Actor, now: datetime, places: Places
) -> str:
    """Uses up the code: `code` or `recovery`, whichever it was. Refused: `code_wrong`, also of one that was
    used; `app_unreadable`, which says nothing about the code."""
    digest = recovery_digest(typed)
    with transaction.atomic():
        generator = CodeGenerator.objects.select_for_update().filter(user=user).first()
        # first, since they are what is left where the sealing key is gone
        fresh = RecoveryCode.objects.filter(user=user, digest=digest, used_at=None)
        if digest is not None and fresh.update(used_at=now):
            left = RecoveryCode.objects.filter(user=user, used_at=None).count()
            note_sign_in_change(user, "recovery_code_used", actor=actor, places=places, left=left)
            return "recovery"
        if generator is not None and digest is None:
            step = matching_step(_key_of(generator, vault), typed, now, after=generator.last_step)
            if step is not None:
                CodeGenerator.objects.filter(id=generator.id).update(last_step=step)
                return "code"
    raise Refused(
        "code_wrong",
        "That code is wrong, or was used already.",
        field="code",
        fix="Wait for the app’s next one, or take a recovery code.",
    )


def _key_of(generator: CodeGenerator, vault: Vault) -> bytes:
    """The app's secret. Refused: `app_unreadable`."""
    try:
        return base64.b32decode(vault.open(generator.user_id, bytes(generator.secret)))
    except Refused as closed:
        raise Refused(
            "app_unreadable",
            "Codes of your app can’t be checked: this server has lost the key that opens what is stored of it.",
            field="code",
            fix="Take a recovery code or a passkey, or ask whoever runs the server to put the key back.",
        ) from closed
