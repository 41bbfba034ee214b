"""Write steps of the people room, inside somebody's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import MAX_MINOR
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.organizations.operations import take_numbers
from paidthru.people.models import Holding, Party, Unit

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
    language: str = ""
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
    "language",
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
                    one.language,
                    now,
                )
                for number, one in enumerate(drafts, start=first)
            ),
        )


def refuse_taken_id(organization_id: UUID, external_id: str) -> None:
    """Refused `external_id_taken` where somebody has that id in the roster; "" nobody has. Whoever asks at the same
    instant waits for this transaction."""
    if not external_id:
        return
    _wait_for(f"roster id:{organization_id}:{external_id}")
    known = Party.objects.filter(organization_id=organization_id, external_id=external_id).first()
    if known is not None:
        raise Refused(
            "external_id_taken",
            f"{known.name} has that id already.",
            field="external_id",
            value=external_id,
            fix="Use another one, or none.",
        )


def _wait_for(name: str) -> None:
    """Of two transactions that name the same, the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def payer_of(organization_id: UUID, name: str, email: str, *, language: str = "", now: datetime) -> Party:
    """Who is typed in for an invoice and is nobody's member (A-12): the payer of the same name and address where there
    is one, else a new one, of several at once the same. One who is new is written to in `language`, a code. Refused as
    `checked_name` and `checked_email`."""
    name, email = checked_name(name, field="name", most=200), checked_email(email)
    with transaction.atomic():
        _wait_for(f"payer:{organization_id}:{name}:{email.casefold()}")  # a click that comes twice
        known = Party.objects.filter(
            organization_id=organization_id, kind=PAYER, name=name, email__iexact=email
        )
        found = known.order_by("number").first()
        if found is None:
            draft = PartyDraft(name, PAYER, email=email, language=language)
            add_parties(organization_id, [draft], now=now)
            found = Party.objects.get(id=draft.id)
        return found


def add_unit(
    organization_id: UUID, name: str, *, share: int = 0, area: int = 0, address: str = "", now: datetime
) -> Unit:
    """Writes a unit. Refused `unit_name_taken`, `share_invalid`, and as `checked_name`."""
    name = checked_name(name, field="name", most=100)
    for field_, weight in (("share", share), ("area", area)):
        if not 0 <= weight <= MAX_MINOR // 10**6:
            raise Refused(
                "share_invalid",
                f"{field_.capitalize()} {weight} can't be a unit's.",
                field=field_,
                value=weight,
                fix="Enter a whole number, 0 or more; only its proportion to the others counts.",
            )
    try:
        with transaction.atomic():
            return Unit.objects.create(
                organization_id=organization_id,
                name=name,
                share=share,
                area=area,
                address=address,
                created_at=now,
            )
    except IntegrityError:
        raise Refused(
            "unit_name_taken",
            f"There is a unit called {name} already.",
            field="name",
            value=name,
            fix="Give this one another name, or look the other one up.",
        ) from None


def locked_unit(organization_id: UUID, unit_id: UUID) -> Unit:
    """A unit, locked. Refused `unit_unknown`."""
    unit = Unit.objects.select_for_update().filter(id=unit_id, organization_id=organization_id).first()
    if unit is None:
        raise Refused("unit_unknown", "There is no such unit.", field="unit", fix="Look it up again.")
    return unit


def locked_units(organization_id: UUID, unit_ids: Collection[UUID]) -> dict[UUID, Unit]:
    """Units by their ids, locked in one order. Refused `unit_unknown` when one of them isn't there."""
    found = Unit.objects.select_for_update().filter(id__in=unit_ids, organization_id=organization_id)
    units = {one.id: one for one in found.order_by("id")}
    if len(units) < len(set(unit_ids)):
        raise Refused("unit_unknown", "There is no such unit.", field="unit", fix="Look it up again.")
    return units


def end_consents(party_id: UUID) -> tuple[bool, list[Unit]]:
    """Ends what a party agreed to be charged for by itself apart from memberships, because its bank may not be debited
    again (B-47): whether they had agreed for themselves, and the units for which they had."""
    own = Party.objects.filter(id=party_id, autopay=True).update(autopay=False) > 0
    held = Holding.objects.select_for_update(of=("self",)).filter(party=party_id, autopay=True, until_on=None)
    holdings = list(held.select_related("unit").order_by("id"))
    Holding.objects.filter(id__in=[one.id for one in holdings]).update(autopay=False)
    return own, [one.unit for one in holdings]


def hand_over(
    unit: Unit, party_id: UUID, *, on: date, role: str = "owner", autopay: bool = False
) -> Holding | None:
    """Somebody owns (or rents) a locked unit from a local date on; returns who did before. One that would end before it
    began is refused `transfer_before_owner`."""
    before = Holding.objects.filter(unit=unit, role=role, until_on=None).order_by("-from_on").first()
    if before is not None:
        if on < before.from_on:
            raise Refused(
                "transfer_before_owner",
                f"{unit.name} has been its present {role}'s since {before.from_on}.",
                field="date",
                value=on.isoformat(),
                fix=f"Choose {before.from_on} or a later day.",
            )
        before.until_on = on
        before.save(update_fields=["until_on"])
    Holding.objects.create(
        organization_id=unit.organization_id,
        unit=unit,
        party_id=party_id,
        role=role,
        from_on=on,
        autopay=autopay,
    )
    return before
