"""Questions to the organizations room."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Install, Mark, Organization, PolicySetting, StaffRole, User
from paidthru.organizations.rules.freezing import REPLAY, missing
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


def installation() -> Install | None:
    """This installation; None until it was started once."""
    return Install.objects.first()


def frozen_why() -> str | None:
    """Why nothing live may be charged or refunded in this installation; None when it may (field-notes C.10, B-63).

    A sandbox whose processor lives in the same database isn't held by it: it was restored along.
    """
    row = Install.objects.filter(frozen_at__isnull=False).values_list("frozen_why", flat=True).first()
    return None if row is None else row or "Charging is frozen."


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze as staff read it: since when (database time), of which kind (restored, moved or person), why, until when
    the database knew everything (None: it has lost nothing), and what is missing before charging may go on."""

    at: datetime
    kind: str
    why: str
    known_until: datetime | None
    missing: tuple[str, ...]


def freeze() -> Freeze | None:
    """The freeze that holds; None when charging isn't frozen."""
    row = Install.objects.filter(frozen_at__isnull=False).first()
    if row is None or row.frozen_at is None:
        return None
    return Freeze(
        row.frozen_at, row.frozen_kind, row.frozen_why, row.known_until, tuple(missing_to_unfreeze(row))
    )


def missing_to_unfreeze(row: Install) -> list[str]:
    """What has to happen before a frozen installation may charge again, in sentences."""
    if row.frozen_at is None:
        return []
    live = Organization.objects.filter(mode=Organization.Mode.LIVE)
    began = dict(Mark.objects.filter(organization__in=live, name=REPLAY).values_list("organization_id", "at"))
    return missing(row.frozen_at, {one.name: began.get(one.id) for one in live}, database_now())


def has_lost() -> bool:
    """Whether this database was restored or copied, and nobody has released it yet: then nothing live is billed by the
    calendar either, for the numbers of the invoices that it has lost must not be given out a second time."""
    return Install.objects.filter(frozen_at__isnull=False, frozen_kind__in=["restored", "moved"]).exists()


def fingerprint() -> str:
    """What this installation calls itself in a gateway's metadata, "" until it was started once."""
    row = Install.objects.values_list("fingerprint", flat=True).first()
    return str(row) if row else ""


def fingerprints() -> frozenset[str]:
    """Every name under which this database's own objects at a gateway were made."""
    row = Install.objects.values_list("fingerprint", "earlier").first()
    return frozenset({str(row[0]), *row[1]}) if row else frozenset()


def mark_of(organization_id: UUID, name: str) -> datetime | None:
    """How far something recurring has got; None when it never began."""
    return (
        Mark.objects.filter(organization_id=organization_id, name=name).values_list("at", flat=True).first()
    )


def database_now() -> datetime:
    """The database's clock, by which deadlines and freezes are measured: every process sees the same (B-66)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at
