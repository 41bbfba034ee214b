"""Add staff: a person who may sign in, and what they may do in an organization."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from paidthru.kernel.texts import checked_email, sign_in_address
from paidthru.notices.operations import note_sign_in_change
from paidthru.organizations.models import Organization, User
from paidthru.organizations.operations import give_password, grant_role, new_user
from paidthru.timeline.operations import Actor, Happening, Places, record


def add_staff(
    organization: Organization,
    *,
    email: str,
    name: str,
    roles: Sequence[str],
    password: str | None,
    actor: Actor,
    now: datetime,
    replace: bool = False,
    places: Places = (),
) -> bool:
    """Gives a person roles; true when they are new to this installation, and `password` is theirs now.

    Somebody who signs in already keeps their password, unless `replace` says to change it: then `places`, their
    organizations with their instants, are told, and they are mailed of it. With None whoever is new
    can't sign in until they have set one, by a link that they are handed.
    Refused: `email_invalid`, `password_weak`, `role_unknown`.
    """
    address = sign_in_address(checked_email(email))
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=address).first()
        is_new = user is None
        if user is None:
            user = new_user(address, name, password)
        elif password is not None and replace:
            give_password(user, password)
            note_sign_in_change(user, "password_changed", actor=actor, places=places)
        for role in roles:
            grant_role(organization, user, role)
        record(
            organization.id,
            actor,
            now,
            [Happening("staff_added", "user", user.id, facts={"email": address, "roles": list(roles)})],
        )
        return is_new
