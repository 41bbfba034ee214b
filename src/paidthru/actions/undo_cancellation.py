"""Undo a cancellation before it takes effect: the membership goes on, and bills again at its next renewal (A2-1)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations.returning import go_on
from paidthru.membership.queries.ending import refuse_over
from paidthru.notices.operations import tell
from paidthru.notices.queries import was_told_of_end
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor


def undo_cancellation(
    organization: Organization, membership_id: UUID, *, actor: Actor, now: datetime, why: str = ""
) -> None:
    """Lets a membership go on that was to end. Nothing is charged now; autopay is as it was before.

    What the cancellation took back is billed again when it is due. The member is mailed where they had been mailed that
    it is canceled; a mail of that which has not left is dropped. A second time it changes nothing. Refused
    `not_a_member`, `not_canceled`.
    """
    with transaction.atomic():
        membership = Membership.objects.select_for_update().get(id=membership_id, organization=organization)
        refuse_over(membership)
        if membership.state != "ending":
            raise Refused(
                "not_canceled",
                "This membership isn't canceled: there is nothing to undo.",
                field="member",
                fix="It goes on as it is.",
            )
        go_on(membership, policies_of(organization), why=why, actor=actor, now=now)
        if was_told_of_end(membership.party_id, membership.id):
            key = f"goes_on {membership.id} {now.isoformat()}"
            facts = {"plan": membership.plan.name}
            tell(organization.id, membership.party_id, "goes_on", key, facts, now=now)
