"""Set a password: by the link that an admin has handed over. Whose it is, is mailed of it."""

from django.db import transaction

from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import User
from paidthru.organizations.operations import give_password
from paidthru.timeline.operations import Actor, Places


def set_password(user: User, password: str, *, actor: Actor, places: Places) -> None:
    """Their password from now on; earlier ones, and sign-ins by them, are good no more. Refused: `password_weak`."""
    with transaction.atomic():
        give_password(user, password)
        note_sign_in_change(user, "password_changed", actor=actor, places=places)
