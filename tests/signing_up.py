"""Somebody who joined by a link, and the billing contact: rows that the invariants have to know."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from paidthru.membership.models import JoinLink, SignUp
from paidthru.notices.models import OptOut
from paidthru.organizations.models import Organization
from paidthru.people.models import Belonging, BillingContact
from paidthru.people.operations import PartyDraft, add_parties


class Club(Protocol):
    """As much of a club as is needed."""

    organization: Organization
    now: datetime
    parties: dict[str, UUID]
    memberships: dict[str, UUID]


def somebody_signs_up(club: Club, plan_id: UUID) -> None:
    """Ann came by a link, is the billing contact, belongs to a household, and declines reminders."""
    owner = {"organization": club.organization}
    link = JoinLink.objects.create(
        **owner, plan_id=plan_id, token=club.organization.id.hex, created_by="Clerk", created_at=club.now
    )
    SignUp.objects.create(
        **owner,
        link=link,
        key="1",
        name="Ann",
        email="ann@example.org",
        place="here",
        asked_at=club.now,
        party_id=club.parties["Ann"],
        membership_id=club.memberships["Ann"],
    )
    lee = PartyDraft("Lee", "household")
    add_parties(club.organization.id, [lee], now=club.now)
    BillingContact.objects.create(**owner, party_id=club.parties["Ann"], set_at=club.now)
    Belonging.objects.create(
        **owner, party_id=club.parties["Ann"], group_id=lee.id, from_on=club.now.date(), created_at=club.now
    )
    OptOut.objects.create(**owner, party_id=club.parties["Ann"], topic="reminders", since=club.now, by="Ann")
