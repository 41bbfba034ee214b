"""Set the billing contact: who is mailed whenever somebody buys something that is billed (G-46)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import BillingContact, Party
from paidthru.timeline.operations import Actor, Happening, record


def set_billing_contact(
    organization: Organization, party_id: UUID | None, *, actor: Actor, now: datetime
) -> None:
    """The party that is the billing contact from now on, instead of whoever it was; None for nobody. Set again, nothing
    happens. Refused `member_unknown`, `no_email`."""
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        present = BillingContact.objects.filter(organization=organization).first()
        if party_id is None:
            if present is not None:
                present.delete()
                told = Happening("billing_contact_removed", "organization", organization.id)
                record(organization.id, actor, now, [told])
            return
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="contact", fix="Look them up again."
            )
        if not party.email:
            raise Refused(
                "no_email",
                f"{party.name} has no e-mail address.",
                field="contact",
                value=party.name,
                fix="Choose somebody who has one.",
            )
        if present is not None and present.party_id == party.id:
            return
        BillingContact.objects.update_or_create(
            organization=organization, defaults={"party": party, "set_at": now}
        )
        facts = {"name": party.name, "email": party.email}
        record(
            organization.id,
            actor,
            now,
            [Happening("billing_contact_set", "organization", organization.id, facts=facts)],
        )
