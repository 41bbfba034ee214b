"""Set where a payer's documents go, and in which language. Issued documents keep what they were issued with."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.documents.rules.words import LANGUAGES
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.branding import checked_country, checked_lines
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def set_postal(
    organization: Organization,
    party_id: UUID,
    *,
    address: str,
    country: str,
    language: str,
    actor: Actor,
    now: datetime,
) -> Party:
    """A party's postal lines, country (two letters or "") and language ("" for the organization's). Said again,
    nothing happens. Refused `member_unknown`, `language_unknown`, and as `checked_lines`, `checked_country`."""
    said = {
        "address": checked_lines(address, field="address"),
        "country": checked_country(country),
        "language": language.strip().lower(),
    }
    if said["language"] and said["language"] not in LANGUAGES:
        raise Refused(
            "language_unknown",
            f"Documents can't be written in “{language.strip()[:20]}”.",
            field="language",
            value=language.strip()[:20],
            fix=f"Choose one of: {', '.join(LANGUAGES)}; or none, for the organization's own.",
        )
    with transaction.atomic():
        party = Party.objects.select_for_update().filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        changed = [key for key, value in said.items() if getattr(party, key) != value]
        if changed:
            for key in changed:
                setattr(party, key, said[key])
            party.save(update_fields=changed)
            facts = {"changed": changed}
            record(
                organization.id,
                actor,
                now,
                [Happening("postal_set", "party", party.id, party.id, facts=facts)],
            )
    return party
