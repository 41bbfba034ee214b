"""Organizations to collect for. Each is built once by the product itself, taken down as text, and from then on copied
in: a billing run takes a tenth of a second, a copy a tenth of that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction
from tests.simulation.calendar import START
from tests.simulation.gateway import NAME, shown_method
from tests.world import STAFF

from paidthru.actions.save_method import save_method
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.ids import new_id
from paidthru.membership.models import Membership, Plan
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import create_organization, set_policy
from paidthru.organizations.queries import tables_of_organizations
from paidthru.organizations.rules.policies import parse
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.runs import Desk, generate

Raw = psycopg.Connection[Any]
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SLUG = "club-of-the-template"


@dataclass(frozen=True, slots=True)
class Template:
    """An organization as text: its tables' rows, and every id in them, oldest first."""

    rows: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]
    organization: str


@dataclass(frozen=True, slots=True)
class Backup:
    """An organization, and the installation, as they stood at one moment."""

    rows: tuple[tuple[str, str], ...]
    fingerprint: UUID


#: Presets that differ in their books (income when received, and when billed) and in their documents (each try its own).
PRESETS = ("association", "recommended", "coworking")
#: How the members pay: each row a club.
CLUBS: tuple[tuple[str, ...], ...] = (
    ("card", "card"),
    ("card", "bank"),
    ("card",),
    ("bank", "card", "card"),
)


def build(preset: str, members: Sequence[str]) -> Template:
    """A club of that preset whose members were billed for 2026, by the product; its rows are taken down, then gone."""
    clock = FixedClock(START)
    with transaction.atomic():
        organization = create_organization(
            name="Club", preset=preset, currency="USD", zone="America/New_York", locale="en_US", mode="live",
            now=START, slug=_SLUG,
        )  # fmt: skip
        for key, text in {"collect.max_attempts": "4"}.items():
            set_policy(organization, key, parse(key, text), actor="Pat Treasurer", now=START)
        desk = Desk(organization, clock, OfflineGateway())  # nothing is collected here
        plan = Plan.objects.create(
            organization=organization, name="Regular", kind="subscription", currency="USD", created_at=START
        )
        plan.fees.create(organization=organization, name="Regular", amount_minor=10_000, is_primary=True)
        for number, kind in enumerate(members):
            _join(organization, plan, number, kind)
        generate(desk, name="Renewals 2026", effective_on=date(2026, 1, 1), actor=STAFF)
        rows = taken_down(organization.id, connection.connection)
        transaction.set_rollback(True)
    ids = tuple(sorted({found for _, text in rows for found in _ID.findall(text)}))
    return Template(rows, ids, str(organization.id))


def _join(organization: Organization, plan: Plan, number: int, kind: str) -> None:
    draft = PartyDraft(name=f"Member {number}")
    add_parties(organization.id, [draft], now=START)
    through = date(2025, 12, 31)
    membership = Membership.objects.create(
        organization=organization, party_id=draft.id, plan=plan, state="active", joined_on=date(2025, 1, 1),
        anchor_on=date(2025, 1, 1), autopay=True, created_at=START, renewed_through=through, paid_through=through,
        next_bill_on=through + timedelta(days=1),
    )  # fmt: skip
    membership.terms.create(
        organization=organization, plan=plan, start_on=date(2025, 1, 1), end_on=date(2026, 1, 1), amount_minor=0,
        source="import", paid_on=through,
    )  # fmt: skip
    if kind != "none":
        saved = shown_method(f"pm_{number}", f"cus_{number}", kind)
        save_method(organization, draft.id, saved, gateway=NAME, actor=STAFF, now=START)


def taken_down(organization_id: UUID, raw: Raw) -> tuple[tuple[str, str], ...]:
    """All rows of an organization, by table, in COPY's form, on a connection of psycopg's own."""
    found = []
    owner = f"WHERE organization_id = '{organization_id}'"
    for table, where in [
        (Organization._meta.db_table, f"WHERE id = '{organization_id}'"),
        *((table, owner) for table in tables_of_organizations()),
    ]:
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY (SELECT * FROM {table} {where}) TO STDOUT".encode()) as copy,
        ):
            text = b"".join(bytes(block) for block in copy).decode()
        if text:
            found.append((table, text))
    return tuple(found)


def put_back(rows: Sequence[tuple[str, str]]) -> None:
    """Rows as they were taken down, past the guards that keep posted batches from growing, as a restore is."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, text in rows:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(text)


def copied(template: Template, name: str) -> Organization:
    """A new organization just like the template's, all of its ids new."""
    new = {old: str(new_id()) for old in template.ids}
    put_back(
        [
            (table, _ID.sub(lambda found: new[found.group()], text).replace(_SLUG, name))
            for table, text in template.rows
        ]
    )
    return Organization.objects.get(id=UUID(new[template.organization]))


def sweep_away() -> None:
    """Every organization is gone: the next schedules begin with small tables."""
    tables = ", ".join([Organization._meta.db_table, *tables_of_organizations()])
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
