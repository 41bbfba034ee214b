"""Renew recovery codes: ten new ones, and the earlier ones are good no more."""

from django.db import transaction

from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import User
from paidthru.organizations.operations import make_recovery_codes
from paidthru.timeline.operations import Actor, Places


def renew_recovery_codes(user: User, *, actor: Actor, places: Places) -> list[str]:
    """Returns the new codes, which are kept as digests only."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=user.id)
        codes = make_recovery_codes(user)
        note_sign_in_change(user, "recovery_codes_renewed", actor=actor, places=places)
        return codes
