"""Change a gift that comes again and again: pause it, take it up, stop it for good, or give another amount (A-20)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Gift
from paidthru.giving.operations import consent_to, locked_gift, told_of_gift
from paidthru.giving.queries import facts_of, interval_of
from paidthru.giving.rules.campaigns import checked_donation
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import nth_start
from paidthru.notices.operations import tell_of_gift
from paidthru.organizations.models import Organization
from paidthru.payments.queries import active_method
from paidthru.timeline.operations import Actor, record

_VERBS = {"stopped": "gift_stopped", "paused": "gift_paused", "active": "gift_taken_up"}


def change_gift(
    organization: Organization,
    gift_id: UUID,
    to: Literal["stopped", "active", "paused"],
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
) -> Gift:
    """Stops a gift for good, pauses it, or takes it up at its next date to come: what went by meanwhile isn't made up
    for. A membership is not touched, nor does ending one touch it. Asked for twice it is done once. A donation of it
    that is to be tried again is left to `runs.giving`. Refused `gift_unknown`, `gift_stopped`, and `no_payment_method`
    to take up what nothing could be charged to."""
    with transaction.atomic():
        gift = locked_gift(organization.id, gift_id)
        if gift.state == to:
            return gift
        if gift.state not in ("active", "paused"):
            raise Refused("gift_stopped", "This gift was stopped.", field="gift", fix="Begin a new one.")
        gift.state, gift.next_on = to, None
        if to == "active":
            _refuse_unpayable(gift)
            today = local_date(now, organization.zone)
            while (next_on := nth_start(gift.anchor_on, interval_of(gift), gift.made)) <= today:
                gift.made += 1
            gift.next_on = next_on
        elif to == "stopped":
            gift.ended_at = now
        gift.save(update_fields=["state", "next_on", "made", "ended_at"])
        record(organization.id, actor, now, [told_of_gift(_VERBS[to], gift, why)])
        if to == "stopped":
            tell_of_gift(gift, "gift_stopped", now=now)
        return gift


def change_gift_amount(
    organization: Organization, gift_id: UUID, amount_minor: int, *, actor: Actor, now: datetime
) -> Gift:
    """Gives another amount (minor units) from the next date on; what was made keeps its own. Refused `gift_unknown`,
    `gift_stopped`, `amount_invalid`."""
    with transaction.atomic():
        gift = locked_gift(organization.id, gift_id)
        if gift.state not in ("active", "paused"):
            raise Refused("gift_stopped", "This gift was stopped.", field="gift", fix="Begin a new one.")
        if gift.amount_minor == amount_minor:
            return gift
        today = local_date(now, organization.zone)
        campaign = facts_of(gift.campaign) if gift.campaign else None
        open_ = campaign if campaign is not None and campaign.takes_on(today) else None
        checked_donation(open_, amount_minor, gift.currency, today)
        before, gift.amount_minor = gift.amount_minor, amount_minor
        gift.consent_text = consent_to(
            amount_minor, gift.currency, interval_of(gift), of_its_own=gift.method_id is not None
        )
        gift.save(update_fields=["amount_minor", "consent_text"])
        told = told_of_gift("gift_amount_changed", gift, before=plain(before, gift.currency))
        record(organization.id, actor, now, [told])
        return gift


def _refuse_unpayable(gift: Gift) -> None:
    """Refuses `no_payment_method` where nothing could be charged."""
    own = gift.method is not None and gift.method.state == "gift"
    if not own and (gift.method is not None or active_method(gift.party_id) is None):
        raise Refused(
            "no_payment_method",
            "There is no card or account that this gift could be charged to.",
            field="gift",
            fix="Enter one on the gift’s own page first; its link stands in each of its mails.",
        )
