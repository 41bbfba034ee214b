"""Add a party: a person or an organization, member or not."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.timeline.operations import Actor, Happening, record


def add_party(organization: Organization, draft: PartyDraft, *, actor: Actor, now: datetime) -> UUID:
    """Writes a party and returns its id. Refused `name_missing`."""
    if not draft.name.strip():
        raise Refused(
            "name_missing", "A person or an organization needs a name.", field="name", fix="Give it one."
        )
    with transaction.atomic():
        add_parties(organization.id, [draft], now=now)
        record(organization.id, actor, now, [Happening("party_added", "party", draft.id, draft.id)])
        return draft.id
