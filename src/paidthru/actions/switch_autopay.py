"""Switch autopay on or off: whether a membership's invoices are collected by themselves when they fall due."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def switch_autopay(
    organization: Organization,
    membership_id: UUID,
    *,
    on: bool,
    actor: Actor,
    now: datetime,
    consent: str = "",
) -> None:
    """Enrolls a membership in autopay, or takes it off, and with it its member's own consent (`switch_own_autopay`). A
    second time changes nothing. `consent` is what a member agreed to, in the words that they read; it is kept.

    What is being collected already goes on. Refused `not_a_member`.
    """
    with transaction.atomic():
        membership = Membership.objects.select_for_update().get(id=membership_id, organization=organization)
        if membership.state == "ended":
            raise Refused(
                "not_a_member",
                "This membership has ended; nothing is collected for it.",
                field="autopay",
                fix="The member can join again.",
            )
        if not on:
            Party.objects.filter(id=membership.party_id, autopay=True).update(autopay=False)
        if membership.autopay == on:
            return
        Membership.objects.filter(id=membership.id).update(autopay=on)
        verb, facts = "autopay_on" if on else "autopay_off", {"consent": consent} if consent else {}
        told = Happening(verb, "membership", membership.id, membership.party_id, facts=facts)
        record(organization.id, actor, now, [told])
