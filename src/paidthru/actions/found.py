"""Found: the first organization of an installation, with whoever runs it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, User
from paidthru.organizations.operations import (
    create_organization,
    grant_role,
    keep_templates,
    new_user,
    set_policy,
)
from paidthru.timeline.operations import Actor, Happening, record

ROLES = ("admin", "finance", "approver")


@dataclass(frozen=True, slots=True)
class Founder:
    """Who signs in first. `alone`: nobody else works there, so that one person may ask and approve (E.3)."""

    name: str
    email: str
    password: str
    alone: bool


def found(
    founder: Founder, *, name: str, preset: str, currency: str, zone: str, live: bool, now: datetime,
    locale: str = "en_US",
) -> Organization:  # fmt: skip
    """Makes an organization and its admin, who approves too; both or neither, and only where nobody signs in yet.

    Refused: `already_founded`, `email_invalid`, `password_weak`, `name_missing`, and as `create_organization`.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # of two clicks, or two people, one is the first
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('paidthru found', 0))")
        if User.objects.exists():
            raise Refused(
                "already_founded",
                "Somebody signs in here already.",
                fix="Sign in, or ask whoever runs this installation for an account.",
            )
        user = new_user(founder.email, founder.name, founder.password)
        made = create_organization(
            name=name,
            preset=preset,
            currency=currency,
            zone=zone,
            locale=locale,
            mode="live" if live else "sandbox",
            now=now,
        )
        set_policy(made, "staff.separation", "off" if founder.alone else "on", actor=user.name, now=now)
        keep_templates(made, now=now)
        for role in ROLES:
            grant_role(made, user, role)
        actor = Actor("staff", user.name, str(user.id))
        facts = {"email": user.email, "roles": list(ROLES), "preset": preset, "mode": made.mode}
        record(made.id, actor, now, [Happening("founded", "organization", made.id, facts=facts)])
        return made
