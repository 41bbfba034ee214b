"""Add staff: a person who may sign in, and what they may do in an organization."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.organizations.models import Organization, User
from paidthru.organizations.operations import grant_role
from paidthru.timeline.operations import Actor, Happening, record


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
) -> bool:
    """Gives a person roles; true when they are new to this installation, and `password` is theirs now.

    Somebody who signs in already keeps their password, unless `replace` says to change it. With None whoever is new
    can't sign in until they have set one, by a link that they are handed.
    Refused: `email_invalid`, `password_weak`, `role_unknown`.
    """
    address = checked_email(email).lower()
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=address).first()
        is_new = user is None
        if user is None:
            user = User(
                email=address, name=checked_name(name or address.partition("@")[0], field="name", most=200)
            )
        if is_new and password is None:
            user.set_unusable_password()
            user.save()
        elif password is not None and (is_new or replace):
            try:
                validate_password(password, user)
            except ValidationError as weak:
                raise Refused(
                    "password_weak",
                    " ".join(weak.messages),
                    field="password",
                    fix="Choose a longer one that nobody guesses.",
                ) from None
            user.set_password(password)
            user.save()
        for role in roles:
            grant_role(organization, user, role)
        record(
            organization.id,
            actor,
            now,
            [Happening("staff_added", "user", user.id, facts={"email": address, "roles": list(roles)})],
        )
        return is_new
