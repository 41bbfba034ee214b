"""Change roles: what a person may do in an organization, from now on; none means that they work there no more (E.3)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, StaffRole, User
from paidthru.organizations.operations import grant_role
from paidthru.timeline.operations import Actor, Happening, record


def change_roles(
    organization: Organization, user_id: UUID, roles: Collection[str], *, actor: Actor, now: datetime
) -> bool:
    """Gives a member of staff exactly these roles; true where that changed anything.

    Nobody changes their own, and an organization keeps an admin: there would be nobody to give roles any more. Refused
    `staff_unknown`, `own_roles`, `last_admin`, `role_unknown`.
    """
    with transaction.atomic():
        # Of two at once the last admin stays.
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        mine = StaffRole.objects.filter(organization=organization)
        user = User.objects.filter(id=user_id, roles__organization=organization).first()
        if user is None:
            raise Refused(
                "staff_unknown", "There is nobody like that here.", field="person", fix="Look them up again."
            )
        if actor.kind == "staff" and actor.id == str(user.id):
            raise Refused(
                "own_roles",
                "Nobody changes their own roles.",
                field="roles",
                fix="Ask another admin.",
            )
        before = frozenset(mine.filter(user=user).values_list("role", flat=True))
        others = mine.filter(role="admin").exclude(user=user)
        if "admin" in before and "admin" not in roles and not others.exists():
            raise Refused(
                "last_admin",
                f"{user.name} is the only admin of {organization.name}.",
                field="roles",
                fix="Make somebody else an admin first.",
            )
        if before == frozenset(roles):
            return False
        for role in roles:
            grant_role(organization, user, role)
        mine.filter(user=user).exclude(role__in=list(roles)).delete()
        facts = {
            "name": user.name,
            "before": ", ".join(sorted(before)),
            "roles": ", ".join(sorted(roles)) or "none",
        }
        record(organization.id, actor, now, [Happening("roles_changed", "user", user.id, facts=facts)])
        return True
