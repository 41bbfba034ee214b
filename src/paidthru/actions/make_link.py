"""Make a link: a secret address by which a member saves a way to pay, or confirms a payment, without signing in."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, MemberLink
from paidthru.payments.queries.links import hash_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record

LIFETIME_DAYS = 14


def make_link(
    organization: Organization,
    party_id: UUID,
    *,
    purpose: str,
    actor: Actor,
    now: datetime,
    attempt_id: UUID | None = None,
    lasts: timedelta = timedelta(days=LIFETIME_DAYS),
) -> tuple[MemberLink, str]:
    """A new link and its token (128 bits and more), which is known only now: the database keeps its hash (E.2).

    `purpose` is method (save a way to pay, C-15) or confirm (the payment `attempt_id`, B-39). Refused
    `member_unknown`, `attempt_unknown`.
    """
    party = Party.objects.filter(id=party_id, organization=organization).first()
    if party is None:
        raise Refused("member_unknown", "There is no such member.", field="member", fix="Look them up again.")
    if attempt_id is not None and not Attempt.objects.filter(id=attempt_id, party=party).exists():
        raise Refused(
            "attempt_unknown", "There is no such payment.", field="attempt", fix="Look it up again."
        )
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = MemberLink.objects.create(
            organization=organization,
            party=party,
            purpose=purpose,
            attempt_id=attempt_id,
            token_hash=hash_of(token),
            created_by=actor.name,
            created_at=now,
            expires_at=now + lasts,
        )
        facts = {"purpose": purpose, "until": local_date(link.expires_at, organization.zone).isoformat()}
        record(organization.id, actor, now, [Happening("link_made", "link", link.id, party.id, facts=facts)])
    return link, token
