"""Undo a cancellation before it takes effect: the membership goes on, and bills again at its next renewal (A2-1)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries import interval_of_membership
from paidthru.membership.queries.ending import refuse_over
from paidthru.membership.rules.ending import next_bill_after
from paidthru.membership.rules.joining import WITHOUT_TERMS
from paidthru.membership.rules.status import LIFECYCLE
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record


def undo_cancellation(
    organization: Organization, membership_id: UUID, *, actor: Actor, now: datetime, why: str = ""
) -> None:
    """Lets a membership go on that was to end. Nothing is charged now; autopay is as it was before.

    What the cancellation took back is billed again when it is due. A second time it changes nothing. Refused
    `membership_ended`, `not_canceled`.
    """
    with transaction.atomic():
        membership = (
            Membership.objects.select_for_update(of=("self",))
            .select_related("plan")
            .get(id=membership_id, organization=organization)
        )
        refuse_over(membership)
        if membership.state != "ending":
            raise Refused(
                "not_canceled",
                "This membership isn't canceled: there is nothing to undo.",
                field="member",
                fix="It goes on as it is.",
            )
        today = local_date(now, organization.zone)
        next_bill_on = _next_bill_on(membership, today)
        unpaid = membership.paid_through is None and membership.plan.kind not in WITHOUT_TERMS
        Membership.objects.filter(id=membership.id).update(
            state=LIFECYCLE.next("ending", "undo_unpaid" if unpaid else "undo_cancel"),
            cancel_on=None,
            ends_into="",
            next_bill_on=next_bill_on,
        )
        facts = {"plan": membership.plan.name, "on": str(membership.cancel_on)}
        if next_bill_on is not None:
            facts["next"] = next_bill_on.isoformat()
        told = Happening("cancellation_undone", "membership", membership.id, membership.party_id, why, facts)
        record(organization.id, actor, now, [told])


def _next_bill_on(membership: Membership, today: date) -> date | None:
    if membership.plan.kind != "subscription":
        return None
    interval = interval_of_membership(membership, policies_of(membership.organization))
    return next_bill_after(membership.renewed_through, membership.anchor_on, interval, today)
