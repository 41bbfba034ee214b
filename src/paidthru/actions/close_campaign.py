"""Close a campaign: it takes no donations any more (A-20)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Campaign
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def close_campaign(organization: Organization, campaign_id: UUID, *, actor: Actor, now: datetime) -> Campaign:
    """Closes a campaign, once. Gifts to it that come again and again go on without it. Refused `campaign_unknown`."""
    with transaction.atomic():
        found = Campaign.objects.select_for_update().filter(id=campaign_id, organization=organization)
        campaign = found.first()
        if campaign is None:
            raise Refused("campaign_unknown", "There is no such campaign.", field="campaign")
        if campaign.closed_at is None:
            campaign.closed_at = now
            campaign.save(update_fields=["closed_at"])
            facts = {"campaign": campaign.name}
            record(
                organization.id,
                actor,
                now,
                [Happening("campaign_closed", "campaign", campaign.id, facts=facts)],
            )
        return campaign
