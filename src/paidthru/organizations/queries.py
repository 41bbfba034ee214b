"""Questions to the organizations room."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from uuid import UUID

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import (
    CodeGenerator,
    ExchangeRate,
    Install,
    Mark,
    Organization,
    OrganizationBrand,
    Passkey,
    PolicyChange,
    PolicyExample,
    PolicySetting,
    SignIn,
    StaffRole,
    User,
)
from paidthru.organizations.rules.examples import Template, settings_digest, template_from
from paidthru.organizations.rules.freezing import REPLAY, missing
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.rates import Rate
from paidthru.organizations.rules.roles import may
from paidthru.organizations.rules.shades import shades_of
from paidthru.organizations.rules.tries import try_key
from paidthru.organizations.rules.vocabulary import Words, words_of


def policies_of(organization: Organization) -> Policies:
    """The organization's policies with their sources."""
    rows = PolicySetting.objects.filter(organization=organization).values_list(
        "scope", "scope_id", "key", "value"
    )
    return Policies.of(
        organization.preset,
        [(scope, str(scope_id or ""), key, value) for scope, scope_id, key, value in rows],
    )


def policy_set_on(organization: Organization, key: str) -> date | None:
    """The local day on which the organization last decided on a policy; None where it has its preset's value."""
    found = PolicySetting.objects.filter(organization=organization, scope="organization", key=key).first()
    return local_date(found.set_at, organization.zone) if found is not None else None


def refused_changes(organization_id: UUID, *, since: datetime) -> list[PolicyChange]:
    """The planned changes of policy that could not be made when their day came, after an instant; newest first."""
    found = PolicyChange.objects.filter(
        organization_id=organization_id, outcome=PolicyChange.Outcome.REFUSED, ended_at__gt=since
    )
    return list(found.order_by("-ended_at", "-id"))


def own_words(organization: Organization) -> Words:
    """What the organization calls things: its preset's words, in the variant that it chose (P-32)."""
    chosen = PolicySetting.objects.filter(
        organization=organization, scope="organization", key="words.variant"
    )
    return words_of(organization.preset, str(chosen.values_list("value", flat=True).first() or "standard"))


def planned_changes(organization_id: UUID, *, by: date | None = None) -> list[PolicyChange]:
    """The changes of policy that are planned, in the order in which they come: all, or those up to a local date."""
    found = PolicyChange.objects.filter(organization_id=organization_id, outcome=PolicyChange.Outcome.PLANNED)
    if by is not None:
        found = found.filter(comes_on__lte=by)
    return list(found.select_related("organization").order_by("comes_on", "id"))


def example_texts(organization_id: UUID) -> dict[str, str]:
    """The organization's examples, text by name, in their order."""
    return dict(
        PolicyExample.objects.filter(organization_id=organization_id)
        .order_by("position", "id")
        .values_list("name", "text")
    )


@cache
def templates_of(preset: str) -> tuple[Template, ...]:
    """The examples that come with a preset, in the order of their files."""
    folder = files("paidthru.organizations") / "presets" / preset
    if not folder.is_dir():
        return ()
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".story")), key=lambda one: one.name)
    return tuple(template_from(preset, one.read_text(encoding="utf-8")) for one in found)


@dataclass(frozen=True, slots=True)
class ToldExample:
    """An example with what came of telling it last: `holds`, `fails`, or `not_told` since policies or it changed."""

    row: PolicyExample
    state: str


def told_examples(organization: Organization) -> list[ToldExample]:
    """The organization's examples in their order."""
    rows = list(PolicyExample.objects.filter(organization=organization).order_by("position", "id"))
    settings = settings_digest(policies_of(organization))
    return [
        ToldExample(row, "not_told" if row.told_with != settings else "fails" if row.failing else "holds")
        for row in rows
    ]


def offered_templates(organization: Organization) -> list[Template]:
    """The preset's examples that the organization doesn't keep."""
    known = example_texts(organization.id)
    return [one for one in templates_of(organization.preset) if one.name not in known]


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
    known = list(Organization.objects.filter(forked_from=None).order_by("id")[:2])
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
    """The organizations in which the user has a role, by name; copies made for rehearsals are none of them."""
    ids = StaffRole.objects.filter(user=user).values_list("organization_id", flat=True)
    return list(Organization.objects.filter(id__in=ids, forked_from=None).order_by("name", "id"))


def has_second_factor(user: User) -> bool:
    """Whether signing in takes more than the password."""
    return CodeGenerator.objects.filter(user=user).exists() or Passkey.objects.filter(user=user).exists()


def sign_ins_of(user: User, now: datetime) -> list[SignIn]:
    """The browsers in which the user is signed in at an instant (the machine's), the one seen last first."""
    mine = SignIn.objects.filter(user=user)
    alive = Session.objects.filter(session_key__in=mine.values("session_key"), expire_date__gt=now)
    return list(mine.filter(session_key__in=alive.values("session_key")).order_by("-seen_at", "-id"))


def roles_in(user: User, organization_id: UUID) -> frozenset[str]:
    """The user's roles in an organization; none means that it doesn't exist for them. In a copy made for a rehearsal
    they are those that they have in the original today."""
    copied = Organization.objects.filter(id=organization_id).values("forked_from")
    found = StaffRole.objects.filter(user=user, organization_id=Coalesce(Subquery(copied), organization_id))
    return frozenset(found.values_list("role", flat=True))


def original_of(organization: Organization) -> Organization:
    """The organization that a copy for a rehearsal was made of; of any other, itself."""
    if organization.forked_from is None:
        return organization
    return Organization.objects.get(id=organization.forked_from)


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


def rates_by(organization_id: UUID, on: date) -> dict[str, Rate]:
    """The newest exchange rate of each currency on or before a local date."""
    found = ExchangeRate.objects.filter(organization_id=organization_id, valid_on__lte=on)
    newest = found.order_by("currency", "-valid_on").distinct("currency")
    return {one.currency: Rate(one.currency, one.valid_on, one.rate, one.source) for one in newest}


def brand_of(organization_id: UUID) -> OrganizationBrand | None:
    """How the organization stands on its documents now; None where nobody ever said."""
    found = OrganizationBrand.objects.filter(organization_id=organization_id).select_related("logo")
    return found.order_by("-number").first()


def accent_of(organization_id: UUID) -> str:
    """The colour of the organization's letterhead as it can be read by day (`shades_of`); "" where nobody said."""
    found = OrganizationBrand.objects.filter(organization_id=organization_id).order_by("-number")
    accent = found.values_list("accent", flat=True).first()
    return shades_of(accent)[0].accent if accent else ""


def tables_of_organizations() -> list[str]:
    """The tables whose rows belong to an organization, the sandbox processor's too, by name."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if any(field.column == "organization_id" for field in model._meta.concrete_fields)
    )


def tries_of(what: str) -> int:
    """How many tries of `what` count now (see `count_try`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count FROM organizations_tries WHERE key = %s AND over_at > clock_timestamp()",
            [try_key(what)],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0
