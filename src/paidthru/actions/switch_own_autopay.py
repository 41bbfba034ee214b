"""Switch autopay on or off for a party: whether what else they owe is collected by itself, member or not (X21)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def switch_own_autopay(
    organization: Organization, party_id: UUID, *, on: bool, actor: Actor, now: datetime
) -> None:
    """Notes that a party agreed, or no longer agrees, to be charged for pledges and invoices, which is done where
    `autopay.scope` covers them. A second time changes nothing; what is being collected already goes on.

    Refused `member_unknown`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update().filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        if party.autopay == on:
            return
        party.autopay = on
        party.save(update_fields=["autopay"])
        verb = "autopay_on" if on else "autopay_off"
        record(organization.id, actor, now, [Happening(verb, "party", party.id, party.id)])
