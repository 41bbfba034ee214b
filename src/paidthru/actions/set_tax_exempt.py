"""Say that a payer bears no tax, and why; or that they do after all."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def set_tax_exempt(
    organization: Organization, party_id: UUID, why: str, *, actor: Actor, now: datetime
) -> Party:
    """From now on no tax is billed to the party, for the reason in `why` (a certificate's number, say); "" ends that.
    What was billed stays. Refused `payer_unknown`, and as `checked_name`."""
    why = checked_name(why, field="why", most=200) if why.strip() else ""
    with transaction.atomic():
        party = Party.objects.select_for_update().filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "payer_unknown", "There is no such person.", field="payer", fix="Look them up again."
            )
        if party.tax_exempt != why:
            party.tax_exempt = why
            party.save(update_fields=["tax_exempt"])
            verb = "tax_exempt_set" if why else "tax_exempt_ended"
            record(organization.id, actor, now, [Happening(verb, "party", party.id, party.id, why)])
        return party
