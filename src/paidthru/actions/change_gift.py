"""Change a gift that comes again and again: stop it, or take up one that is paused (A-20)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Gift
from paidthru.giving.queries import interval_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import nth_start
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def change_gift(
    organization: Organization,
    gift_id: UUID,
    to: Literal["stopped", "active"],
    *,
    actor: Actor,
    now: datetime,
) -> Gift:
    """Stops a gift for good, or takes up a paused one at its next date; a membership is not touched, nor does ending
    one touch it. Asked for twice it is done once. Refused `gift_unknown`, `gift_stopped`."""
    with transaction.atomic():
        gift = Gift.objects.select_for_update().filter(id=gift_id, organization=organization).first()
        if gift is None:
            raise Refused("gift_unknown", "There is no such gift.", field="gift", fix="Look it up again.")
        if gift.state == to:
            return gift
        if gift.state == "stopped":
            raise Refused(
                "gift_stopped",
                "This gift was stopped.",
                field="gift",
                fix="Begin a new one.",
            )
        gift.state, gift.next_on = to, None
        if to == "active":
            today = local_date(now, organization.zone)
            while (next_on := nth_start(gift.anchor_on, interval_of(gift), gift.made)) <= today:
                gift.made += 1
            gift.next_on = next_on
        else:
            gift.ended_at = now
        gift.save(update_fields=["state", "next_on", "made", "ended_at"])
        facts = {"amount": plain(gift.amount_minor, gift.currency), "currency": gift.currency}
        verb = "gift_stopped" if to == "stopped" else "gift_taken_up"
        record(organization.id, actor, now, [Happening(verb, "gift", gift.id, gift.party_id, facts=facts)])
        return gift
