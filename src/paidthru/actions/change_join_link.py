"""Change a join link: switch it off or on, or let it expire on another day (P-26)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import JoinLink
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def change_join_link(
    organization: Organization,
    link_id: UUID,
    *,
    enabled: bool,
    expires_on: date | None,
    actor: Actor,
    now: datetime,
) -> JoinLink:
    """How the link stands from now on; asked for what is so already, nothing happens. A link that is switched off or
    has expired takes nobody, and those who had begun don't get on either.

    Refused `join_link_unknown`, `past_date` (switching off is the way to end it at once).
    """
    with transaction.atomic():
        link = JoinLink.objects.select_for_update().filter(id=link_id, organization=organization).first()
        if link is None:
            raise Refused(
                "join_link_unknown", "There is no such link.", field="link", fix="Look it up again."
            )
        if (link.enabled, link.expires_on) == (enabled, expires_on):
            return link
        if expires_on not in (None, link.expires_on) and expires_on < local_date(now, organization.zone):
            raise Refused(
                "past_date",
                f"{expires_on} is in the past.",
                field="expires_on",
                value=expires_on.isoformat(),
                fix="Choose today or a later day; to end the link now, switch it off.",
            )
        link.enabled, link.expires_on = enabled, expires_on
        link.save(update_fields=["enabled", "expires_on"])
        facts = {"enabled": enabled, "until": expires_on.isoformat() if expires_on else ""}
        record(
            organization.id, actor, now, [Happening("join_link_changed", "plan", link.plan_id, facts=facts)]
        )
        return link
