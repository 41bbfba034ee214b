"""Drop a second factor: one's own app or a passkey; or all that somebody has, who has lost them, by an admin."""

from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import CodeGenerator, Passkey, RecoveryCode, User
from paidthru.organizations.queries import has_second_factor
from paidthru.timeline.operations import Actor, Places


def drop_code_generator(user: User, *, actor: Actor, places: Places) -> bool:
    """One's own app is no second factor any more; true where there was one."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        gone, _ = CodeGenerator.objects.filter(user=user).delete()
        if gone:
            note_sign_in_change(user, "code_generator_dropped", actor=actor, places=places)
            _without_any(user)
        return bool(gone)


def drop_passkey(user: User, passkey_id: UUID, *, actor: Actor, places: Places) -> bool:
    """One's own passkey opens nothing any more; true where there was one."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        passkey = Passkey.objects.filter(user=user, id=passkey_id).first()
        if passkey is None:
            return False
        passkey.delete()
        note_sign_in_change(user, "passkey_dropped", actor=actor, places=places, passkey=passkey.name)
        _without_any(user)
        return True


def drop_second_factor(user: User, *, actor: Actor, places: Places) -> bool:
    """Drops all that somebody has beside their password, who has lost it; true where there was any. Nobody does
    that for themselves: `own_second_factor`."""
    if actor.kind == "staff" and actor.id == str(user.id):
        raise Refused(
            "own_second_factor",
            "Nobody removes their own second factor here.",
            fix="Do it under Your sign-in, which asks for a code, or ask another admin.",
        )
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        had = has_second_factor(user)
        CodeGenerator.objects.filter(user=user).delete()
        Passkey.objects.filter(user=user).delete()
        _without_any(user)
        if had:
            note_sign_in_change(user, "second_factor_removed", actor=actor, places=places)
        return had


def _without_any(user: User) -> None:
    """Recovery codes stand in for a second factor; without one they stand for nothing."""
    if not has_second_factor(user):
        RecoveryCode.objects.filter(user=user).delete()
