"""Set who pays for a membership, where that is not its member: a parent, an employer, whoever made a gift (C-25)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries.changing import current_membership
from paidthru.notices.operations import tell
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def set_payer(
    organization: Organization,
    party_id: UUID,
    payer_id: UUID | None,
    *,
    autopay: bool = False,
    actor: Actor,
    now: datetime,
    why: str = "",
) -> Membership:
    """Whose invoices the terms of a party's membership are from now on: the payer's, or (None) the member's own. What
    was billed before stays with whoever was asked.

    `autopay` is the payer's consent to be charged by themselves. Whoever takes over has to give their own, so it ends
    with a payer; the member is mailed then. Set again as it is, nothing happens.
    Refused: `not_a_member`, `member_unknown`, `payer_unknown`, `payer_is_member`.
    """
    with transaction.atomic():
        membership = current_membership(organization, party_id)
        before = membership.payer
        if payer_id is None:
            if before is None:
                return membership
            Membership.objects.filter(id=membership.id).update(payer=None, autopay=False)
            happenings = _told_of_end(membership, before, why)
            told = {"payer": before.name, "plan": membership.plan.name}
            key = f"payer_stopped {membership.id} {now.isoformat()}"
            tell(organization.id, membership.party_id, "payer_stopped", key, told, now=now)
        else:
            payer = _payer(organization, membership, payer_id)
            if before == payer and membership.autopay == autopay:
                return membership
            Membership.objects.filter(id=membership.id).update(payer=payer, autopay=autopay)
            happenings = _told_of_end(membership, before, why) if before not in (None, payer) else []
            happenings += _told_of_begin(membership, payer, autopay, why)
        record(organization.id, actor, now, happenings)
        membership.refresh_from_db()
        return membership


def _payer(organization: Organization, membership: Membership, payer_id: UUID) -> Party:
    payer = Party.objects.filter(id=payer_id, organization=organization).first()
    if payer is None:
        raise Refused("payer_unknown", "There is no such person.", field="payer", fix="Look them up again.")
    if payer.id == membership.party_id:
        raise Refused(
            "payer_is_member",
            f"{payer.name} is the member.",
            field="payer",
            value=payer.name,
            fix="Choose somebody else, or say that the member pays.",
        )
    return payer


def _told_of_begin(membership: Membership, payer: Party, autopay: bool, why: str) -> list[Happening]:
    """Of a payer who begins, in the history of both."""
    facts = {
        "member": membership.party.name,
        "plan": membership.plan.name,
        "payer": payer.name,
        "payer_id": str(payer.id),
        "autopay": autopay,
    }
    return [
        Happening("payer_set", "membership", membership.id, membership.party_id, why, facts),
        Happening("pays_for", "party", payer.id, payer.id, why, facts),
    ]


def _told_of_end(membership: Membership, payer: Party | None, why: str) -> list[Happening]:
    """Of a payer who pays no longer, in the history of both."""
    if payer is None:
        return []
    facts = {"member": membership.party.name, "plan": membership.plan.name, "payer": payer.name}
    return [
        Happening("payer_removed", "membership", membership.id, membership.party_id, why, facts),
        Happening("pays_no_longer", "party", payer.id, payer.id, why, facts),
    ]
