"""Somebody chooses the language that they are spoken and written to in. Issued documents keep theirs."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.documents.rules.words import LANGUAGES
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def choose_language(
    organization: Organization, party_id: UUID, *, language: str, actor: Actor, now: datetime
) -> Party:
    """Keeps a party's language, by its code. Said again, nothing happens. Refused `member_unknown`,
    `language_unknown`."""
    if language not in LANGUAGES:
        raise Refused(
            "language_unknown",
            f"There are no words in “{language[:20]}”.",
            field="language",
            value=language[:20],
            fix=f"Choose one of: {', '.join(LANGUAGES)}.",
        )
    with transaction.atomic():
        party = Party.objects.select_for_update().filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        if party.language != language:
            party.language = language
            party.save(update_fields=["language"])
            facts = {"language": language}
            happened = Happening("language_chosen", "party", party.id, party.id, facts=facts)
            record(organization.id, actor, now, [happened])
    return party
