"""Write steps of the people room, inside somebody's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.copying import copy_rows
from paidthru.kernel.ids import new_id
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.organizations.operations import take_numbers
from paidthru.people.models import Party

PAYER = "payer"


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """A party to be written; texts are kept as given."""

    name: str
    kind: str = "person"
    external_id: str | None = None
    given_name: str = ""
    family_name: str = ""
    organization_name: str = ""
    email: str = ""
    phone: str = ""
    customer_type: str = ""
    notes: str = ""
    id: UUID = field(default_factory=new_id)


_COLUMNS = (
    "id",
    "organization_id",
    "number",
    "external_id",
    "kind",
    "name",
    "given_name",
    "family_name",
    "organization_name",
    "email",
    "phone",
    "customer_type",
    "notes",
    "created_at",
)


def add_parties(organization_id: UUID, drafts: Sequence[PartyDraft], *, now: datetime) -> None:
    """Writes parties, numbered in their order."""
    if not drafts:
        return
    first = take_numbers(organization_id, "party", len(drafts))
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            Party._meta.db_table,
            _COLUMNS,
            (
                (
                    one.id,
                    organization_id,
                    number,
                    one.external_id,
                    one.kind,
                    one.name,
                    one.given_name,
                    one.family_name,
                    one.organization_name,
                    one.email,
                    one.phone,
                    one.customer_type,
                    one.notes,
                    now,
                )
                for number, one in enumerate(drafts, start=first)
            ),
        )


def payer_of(organization_id: UUID, name: str, email: str, *, now: datetime) -> Party:
    """Who is typed in for an invoice and is nobody's member (A-12): the payer of the same name and address where there
    is one, else a new one. Refused as `checked_name` and `checked_email`."""
    name, email = checked_name(name, field="name", most=200), checked_email(email)
    known = Party.objects.filter(organization_id=organization_id, kind=PAYER, name=name, email__iexact=email)
    found = known.order_by("number").first()
    if found is None:
        draft = PartyDraft(name, PAYER, email=email)
        add_parties(organization_id, [draft], now=now)
        found = Party.objects.get(id=draft.id)
    return found
