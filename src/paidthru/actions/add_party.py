"""Add a party: a person or an organization, member or not."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.operations import PartyDraft, add_parties, refuse_taken_id
from paidthru.timeline.operations import Actor, Happening, once, record


def add_party(
    organization: Organization, draft: PartyDraft, *, actor: Actor, now: datetime, key: str | None = None
) -> UUID:
    """Writes a party and returns its id; under a key once.

    Refused `name_missing`, `external_id_taken`, `key_reused`."""
    if not draft.name.strip():
        raise Refused(
            "name_missing", "A person or an organization needs a name.", field="name", fix="Give it one."
        )

    def act() -> dict[str, str]:
        refuse_taken_id(organization.id, draft.external_id or "")
        add_parties(organization.id, [draft], now=now)
        record(organization.id, actor, now, [Happening("party_added", "party", draft.id, draft.id)])
        return {"party": str(draft.id)}

    inputs = {"name": draft.name, "email": draft.email, "external_id": draft.external_id}
    return UUID(once(organization.id, key, "add_party", inputs, now, act)["party"])
