"""Name a newcomer: whoever follows the way that was mailed to them becomes one of the people who are known."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from paidthru.membership.models import SignUp
from paidthru.membership.queries.join_links import same_person
from paidthru.organizations.models import Organization
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.timeline.operations import Actor, Happening, record


def name_newcomer(organization: Organization, sign_up_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """The party of a sign-up, the same one ever after. Somebody known by this name at this address is who they were;
    everybody else is new. Whoever asked twice and goes both ways at the same moment is one person."""
    with transaction.atomic():
        sign_up = SignUp.objects.select_for_update().get(id=sign_up_id, organization=organization)
        if sign_up.party_id is not None:
            return sign_up.party_id
        with (
            connection.cursor() as cursor
        ):  # another sign-up of the same address: the second waits for the first
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"{organization.id}:newcomer {sign_up.email.casefold()}"],
            )
        known = same_person(organization.id, name=sign_up.name, email=sign_up.email)
        draft = PartyDraft(name=sign_up.name, email=sign_up.email, language=sign_up.language)
        party_id = known.id if known else draft.id
        if known is None:
            add_parties(organization.id, [draft], now=now)
            record(organization.id, actor, now, [Happening("party_added", "party", party_id, party_id)])
        SignUp.objects.filter(id=sign_up.id).update(party_id=party_id)
        return party_id
