"""Questions to the organizations room."""

from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, PolicySetting, StaffRole, User
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.roles import may


def policies_of(organization: Organization) -> Policies:
    """The organization's policies with their sources."""
    rows = PolicySetting.objects.filter(organization=organization).values_list(
        "scope", "scope_id", "key", "value"
    )
    return Policies.of(
        organization.preset,
        [(scope, str(scope_id or ""), key, value) for scope, scope_id, key, value in rows],
    )


def organization_by_slug(slug: str | None) -> Organization:
    """The organization of that slug; without a slug, the only one.

    Refused: `organization_unknown`, `which_organization`.
    """
    if slug:
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise Refused(
                "organization_unknown",
                f"There is no organization “{slug}”.",
                field="org",
                value=slug,
                fix="`paidthru org list` shows them; `paidthru org create` makes one.",
            )
        return found
    known = list(Organization.objects.order_by("id")[:2])
    if not known:
        raise Refused(
            "organization_unknown",
            "There is no organization yet.",
            field="org",
            fix="Make one: paidthru org create --name … --preset … --currency … --zone …",
        )
    if len(known) > 1:
        raise Refused(
            "which_organization",
            "There is more than one organization.",
            field="org",
            fix="Say which with --org SLUG; `paidthru org list` shows them.",
        )
    return known[0]


def organizations_of(user: User) -> list[Organization]:
    """The organizations in which the user has a role, by name."""
    ids = StaffRole.objects.filter(user=user).values_list("organization_id", flat=True)
    return list(Organization.objects.filter(id__in=ids).order_by("name", "id"))


def roles_in(user: User, organization_id: UUID) -> frozenset[str]:
    """The user's roles in an organization; none means that it doesn't exist for them."""
    return frozenset(
        StaffRole.objects.filter(user=user, organization_id=organization_id).values_list("role", flat=True)
    )


def user_may(user: User, organization_id: UUID, act: str) -> bool:
    """True when the user's roles there allow the act."""
    return may(roles_in(user, organization_id), act)
