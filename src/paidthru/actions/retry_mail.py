"""Retry a mail: one that could not be delivered is tried again, and an address that was refused is used again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.notices.models import RefusedAddress
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor, Happening, record


def retry_mail(organization: Organization, message_id: UUID, *, actor: Actor, now: datetime) -> Message:
    """Puts a mail that failed, or was left out, back among those that wait. Whether it is still so, and still wanted,
    is looked at before it leaves. Refused `mail_unknown`, `mail_not_failed`."""
    with transaction.atomic():
        found = Message.objects.select_for_update().filter(id=message_id, organization=organization).first()
        if found is None:
            raise Refused("mail_unknown", "There is no such mail.", field="mail", fix="Look it up again.")
        if found.state not in ("failed", "dropped"):
            raise Refused(
                "mail_not_failed",
                "This mail has not failed: it was sent, or still waits.",
                field="mail",
                fix="Nothing has to be done.",
            )
        found.state, found.tries, found.next_try_at = "waiting", 0, now
        found.save(update_fields=["state", "tries", "next_try_at"])
        subject = ("party", found.party_id) if found.party_id else ("organization", organization.id)
        happening = Happening("mail_retried", *subject, found.party_id, facts={"kind": found.kind})
        record(organization.id, actor, now, [happening])
        return found


def trust_address(organization: Organization, email: str, *, actor: Actor, now: datetime) -> int:
    """Mail goes again to an address that was refused; returns whether it was (1 or 0)."""
    with transaction.atomic():
        found = RefusedAddress.objects.filter(organization=organization, email=email.strip().lower())
        gone, _ = found.delete()
        if gone:
            parties = Party.objects.filter(organization=organization, email__iexact=email.strip())
            facts = {"email": email}
            record(
                organization.id,
                actor,
                now,
                [Happening("address_trusted", "party", one.id, one.id, facts=facts) for one in parties]
                or [Happening("address_trusted", "organization", organization.id, facts=facts)],
            )
        return 1 if gone else 0
