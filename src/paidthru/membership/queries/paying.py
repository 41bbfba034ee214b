"""Questions about who pays for whose membership (C-25)."""

from uuid import UUID

from django.db.models import Q

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import ASKING
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership


def paid_for_by(organization_id: UUID, party_id: UUID) -> list[Membership]:
    """The memberships of others for which a party pays, by their members' names."""
    found = Membership.objects.filter(organization_id=organization_id, payer=party_id).exclude(state="ended")
    return list(found.select_related("party", "plan", "organization").order_by("party__name", "id"))


def asked_of_others(membership: Membership, payer_id: UUID) -> list[Invoice]:
    """The open invoices of a membership that are a payer's, by number: they stay theirs, whoever pays from now on."""
    found = Invoice.objects.filter(ASKING, Q(lines__receivable__source_id=membership.id), party_id=payer_id)
    return list(found.distinct().order_by("number"))


def asked_for(membership: Membership) -> UUID:
    """Who was asked for what is due first of a membership; with nothing open, whoever pays now."""
    found = Invoice.objects.filter(ASKING, Q(lines__receivable__source_id=membership.id))
    oldest = found.order_by("due_on", "number").values_list("party_id", flat=True).first()
    return oldest or membership.paid_by


def refuse_paid_by_another(membership: Membership, actor_kind: str) -> None:
    """Refuses a member what would be billed to whoever pays for them, who has not agreed to it: `paid_by_another`."""
    if actor_kind == "member" and membership.payer is not None:
        raise Refused(
            "paid_by_another",
            f"{membership.payer.name} pays for this membership, and has agreed to {membership.plan.name} as it is.",
            field="plan",
            value=membership.plan.name,
            fix="Ask staff to change it, together with whoever pays.",
        )
