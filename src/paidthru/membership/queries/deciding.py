"""What an organization has decided, with what stands on plans and memberships themselves (G-06 to G-09)."""

from uuid import UUID

from paidthru.membership.models import Membership, Plan
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies

#: Policies that a plan or a membership has as a column of its own, because billing reads them of everybody at once.
COLUMNS = {
    ("plan", "term.interval_months"): "override_months",
    ("plan", "proration.join"): "prorate",
    ("subscription", "term.interval_months"): "override_months",
}


def decided(organization: Organization, *, membership_id: UUID | None = None) -> Policies:
    """All that is decided, every plan's own settings included, and those of one membership."""
    policies = policies_of(organization)
    for id_, months, prorate in Plan.objects.filter(organization=organization).values_list(
        "id", "override_months", "prorate"
    ):
        own = {"term.interval_months": months, "proration.join": prorate or None}
        given = {key: value for key, value in own.items() if value is not None}
        if given:
            policies = policies.changed(given, scope="plan", scope_id=id_)
    if membership_id is not None:
        found = Membership.objects.filter(id=membership_id, organization=organization)
        months = found.values_list("override_months", flat=True).first()
        if months is not None:
            policies = policies.changed(
                {"term.interval_months": months}, scope="subscription", scope_id=membership_id
            )
    return policies


def decided_for(membership: Membership) -> Policies:
    """What holds for one membership: its own, its plan's, its member's and the organization's, in that order."""
    policies = decided(membership.organization, membership_id=membership.id)
    return policies.within(subscription=membership.id, plan=membership.plan_id, customer=membership.party_id)
