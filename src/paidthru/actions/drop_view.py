"""Drop a kept view."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization, SavedView
from paidthru.timeline.operations import Actor, Happening, record


def drop_view(organization: Organization, view_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Removes a kept view; a second time it does nothing, and says so."""
    with transaction.atomic():
        found = SavedView.objects.select_for_update().filter(id=view_id, organization=organization).first()
        if found is None:
            return False
        facts = {"view": found.name, "list": found.path.strip("/")}
        found.delete()
        record(organization.id, actor, now, [Happening("view_dropped", "view", view_id, facts=facts)])
        return True
