"""Import units: a list of homes becomes units with shares, areas, owners and tenants. First the report, then the commit
of all good rows or none (A-29).

A row is the same unit when its name is, however it is capitalized. A blank cell changes nothing. Who owns a unit is
written where nobody does; a unit that is somebody else's is transferred, never overwritten. Nothing is billed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction

from paidthru.assessments.rules.unit_roster import MOST_UNITS, UnitFault, UnitRoster, UnitRow, read_units
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import decimal_mark
from paidthru.kernel.ids import new_id
from paidthru.kernel.texts import is_email
from paidthru.membership.rules.csv_reading import Limits, members_after_header, recognize
from paidthru.organizations.models import Organization
from paidthru.people.models import Holding, Unit
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.people.queries import meant_by
from paidthru.timeline.operations import Actor, Happening, once, record

_LIMITS = Limits(rows=MOST_UNITS, size=32 * 1024 * 1024, columns=200)
_LARGEST_DAYS = 366 * 150


@dataclass(frozen=True, slots=True)
class UnitReport:
    """What an import of units does: how many rows it read, units that it adds, changes and leaves as they are, owners
    whom it adds, by what power of ten shares and areas were multiplied, the smallest and the largest of each as read,
    and every fault, its field called as the file's heading does; `header_row` is where those are. `token` stands for
    exactly that."""

    rows: int
    add: int
    change: int
    unchanged: int
    owners_new: int
    faults: tuple[UnitFault, ...]
    scales: dict[str, int]
    columns: dict[str, str]
    spans: dict[str, tuple[Decimal, Decimal]]
    token: str
    header_row: int = 1

    @property
    def left_out(self) -> int:
        """How many rows are left out for their faults."""
        return len({fault.row for fault in self.faults if fault.is_error})

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "rows": self.rows, "add": self.add, "change": self.change, "unchanged": self.unchanged,
            "owners_new": self.owners_new, "left_out": self.left_out, "columns": self.columns, "token": self.token,
            "read_from_to": {name: [str(least), str(most)] for name, (least, most) in self.spans.items()},
            "faults": [
                {
                    "row": one.row, "severity": "error" if one.is_error else "note", "field": one.field,
                    "value": one.value, "problem": one.problem, "fix": one.fix, "code": one.code,
                }
                for one in self.faults
            ],
        }  # fmt: skip


@dataclass(slots=True)
class _Plan:
    """What a row comes to: the unit as it is (None: it is new), and who is to own and rent it (a party's id; an email
    and a name of somebody new)."""

    row: UnitRow
    unit: Unit | None
    owner: UUID | None = None
    new_owner: tuple[str, str] | None = None
    tenant: UUID | None = None
    changes: bool = False


def preview_units(
    organization: Organization, stream: BinaryIO, *, add_owners: bool = False, now: datetime
) -> UnitReport:
    """The report of what a commit of the file (binary, seekable) would do now; writes nothing. With `add_owners`,
    owners whom nobody knows are added to the people.

    Refused for the file as a whole: as `csv_reading` and `read_units` refuse, and `shares_of_two_kinds`.
    """
    return _look(organization, stream, add_owners, local_date(now, organization.zone))[0]


def import_units(
    organization: Organization,
    stream: BinaryIO,
    *,
    add_owners: bool = False,
    token: str = "",
    actor: Actor,
    now: datetime,
) -> UnitReport:
    """Takes in every good row, or nothing. With the `token` of a report only what that report said; the same token
    again writes nothing. Refused `report_outdated`, and as `preview_units`."""
    today = local_date(now, organization.zone)
    found: list[UnitReport] = []

    def act() -> dict[str, Any]:
        report, plans = _look(organization, stream, add_owners, today)
        if token and report.token != token:
            raise _outdated()
        try:
            with transaction.atomic():
                _write(organization, plans, today, actor, now)
        except IntegrityError:  # somebody added or transferred one of them just now
            raise _outdated() from None
        found.append(report)
        return {"rows": report.rows}

    once(organization.id, f"units {token}" if token else None, "import_units", {"token": token}, now, act)
    return found[0] if found else _look(organization, stream, add_owners, today)[0]


def _outdated() -> Refused:
    return Refused(
        "report_outdated",
        "Something has changed since the report was read.",
        field="token",
        fix="Read the report again.",
    )


def _look(
    organization: Organization, stream: BinaryIO, add_owners: bool, today: date
) -> tuple[UnitReport, list[_Plan]]:
    form = recognize(stream, _LIMITS)
    header_row, headers, lines = members_after_header(stream, form, _LIMITS)
    roster = read_units(headers, lines, decimal_mark=decimal_mark(organization.locale))
    units = {one.name.casefold(): one for one in Unit.objects.filter(organization=organization)}
    _refuse_two_kinds(roster, units)
    owners = _holdings(organization.id, "owner")
    tenants = _holdings(organization.id, "tenant")
    said = {text for row in roster.rows for text in (row.owner, row.email, row.tenant) if text}
    known = meant_by(organization.id, said)
    plans: list[_Plan] = []
    faults = list(roster.faults)
    coming: set[tuple[str, str]] = set()
    for row in roster.rows:
        plan = _Plan(row, units.get(row.name.casefold()))
        wrong = _owner_wrong(plan, known, owners, add_owners, today) or _tenant_wrong(plan, known, tenants)
        if wrong is not None:
            faults.append(wrong)
            continue
        plan.changes = _differs(plan)
        plans.append(plan)
        if plan.new_owner:
            coming.add(plan.new_owner)
    changed = sum(plan.unit is not None and plan.changes for plan in plans)
    added = sum(plan.unit is None for plan in plans)
    read = [
        [str(plan.row), str(plan.unit and plan.unit.id), plan.changes, str(plan.owner), plan.new_owner]
        for plan in plans
    ]
    token = hashlib.sha256(json.dumps([read, len(faults), add_owners], default=str).encode()).hexdigest()
    report = UnitReport(
        roster.read, added, changed, len(plans) - added - changed, len(coming),
        tuple(sorted((_called(one, roster, header_row) for one in faults), key=lambda one: one.row)),
        dict(roster.scales), dict(roster.columns), dict(roster.spans), token, header_row,
    )  # fmt: skip
    return report, plans


def _called(fault: UnitFault, roster: UnitRoster, header_row: int) -> UnitFault:
    """The fault with its field as the file calls it; one of a whole column stands in the row of the headings."""
    heading = roster.columns.get(fault.field.replace("e-mail", "email"), fault.field)
    return replace(fault, field=heading, row=header_row if fault.code == "balance_not_booked" else fault.row)


def _refuse_two_kinds(roster: UnitRoster, units: dict[str, Unit]) -> None:
    """Shares that are scaled can't stand beside shares that were not: only their proportion counts."""
    named = {row.name.casefold() for row in roster.rows if row.share is not None}
    for field, scale in roster.scales.items():
        others = [one for name, one in units.items() if name not in named and getattr(one, field)]
        if scale > 1 and others:
            raise Refused(
                "shares_of_two_kinds",
                f"The {field}s of the file have decimals, and are kept as whole numbers: times {scale:,}."
                f" {others[0].name} has {getattr(others[0], field):,} already and isn’t in the file.",
                field=field,
                fix="Put all units into the file, or write whole numbers.",
            )


def _holdings(organization_id: UUID, role: str) -> dict[UUID, UUID]:
    held = Holding.objects.filter(organization_id=organization_id, role=role, until_on=None)
    return dict(held.values_list("unit_id", "party_id"))


def _owner_wrong(
    plan: _Plan, known: dict[str, list[UUID]], owners: dict[UUID, UUID], add_owners: bool, today: date
) -> UnitFault | None:
    """Finds whose the unit is to be; what is wrong about it."""
    row = plan.row
    text = row.owner or row.email
    if not text:
        return None
    if row.since is not None and not -_LARGEST_DAYS < (row.since - today).days < 366:
        return UnitFault(
            row.row, "since", row.since.isoformat(), "Nobody owns it since then.", "Look at the year.",
            "date_invalid",
        )  # fmt: skip
    meant = known.get(row.owner, []) if row.owner else []
    by_mail = known.get(row.email, []) if row.email else []
    if row.email and (len(meant) != 1 or not row.owner):  # of several by that name, the one with that address
        meant = [one for one in by_mail if one in meant] or ([] if meant else by_mail)
    if len(meant) > 1:
        return UnitFault(
            row.row, "owner", text, f"{len(meant)} people can be meant.", "Give their number, such as #12.",
            "which_member",
        )  # fmt: skip
    held = owners.get(plan.unit.id) if plan.unit else None
    if meant and held == meant[0]:
        return None
    if held is not None:
        return UnitFault(
            row.row, "owner", text, f"{row.name} is somebody else’s.",
            "Transfer it, from the day on which it changes hands; or leave the owner out.", "owner_differs",
        )  # fmt: skip
    if meant:
        plan.owner = meant[0]
        return None
    if row.email and not is_email(row.email):
        return UnitFault(
            row.row,
            "e-mail",
            row.email,
            "That is no e-mail address.",
            "Write it as name@example.org.",
            "email_invalid",
        )
    if not add_owners or text.startswith("#") or not row.owner:
        return UnitFault(
            row.row, "owner", text, "There is nobody called so.",
            "Import the people first, or let the import add owners who aren’t known, by name and e-mail address.",
            "member_unknown",
        )  # fmt: skip
    plan.new_owner = (row.owner, row.email.lower())
    return None


def _tenant_wrong(plan: _Plan, known: dict[str, list[UUID]], tenants: dict[UUID, UUID]) -> UnitFault | None:
    row = plan.row
    meant = known.get(row.tenant, []) if row.tenant else []
    if row.tenant and len(meant) != 1:
        return UnitFault(
            row.row, "tenant", row.tenant, "Several people are called so." if meant else "There is nobody called so.",
            "Give the exact name, the e-mail address or the number, such as #12.",
            "which_member" if meant else "member_unknown",
        )  # fmt: skip
    if meant:
        held = tenants.get(plan.unit.id) if plan.unit else None
        if held is not None and held != meant[0]:
            return UnitFault(
                row.row, "tenant", row.tenant, f"Somebody else rents {row.name}.",
                "Name the new tenant on the unit’s page, from a day on.", "owner_differs",
            )  # fmt: skip
        plan.tenant = None if held else meant[0]
    return None


def _differs(plan: _Plan) -> bool:
    unit, row = plan.unit, plan.row
    if unit is None or plan.owner or plan.new_owner or plan.tenant:
        return True
    weights = ((row.share, unit.share), (row.area, unit.area))
    return any(new is not None and new != old for new, old in weights) or bool(
        row.address and row.address != unit.address
    )


def _write(
    organization: Organization, plans: Sequence[_Plan], today: date, actor: Actor, now: datetime
) -> None:
    happenings: list[Happening] = []
    newcomers: dict[tuple[str, str], PartyDraft] = {}
    for plan in plans:
        if plan.new_owner and plan.new_owner not in newcomers:
            name, email = plan.new_owner
            newcomers[plan.new_owner] = PartyDraft(name, email=email)
    add_parties(organization.id, list(newcomers.values()), now=now)
    happenings += [Happening("party_added", "party", one.id, one.id) for one in newcomers.values()]
    made: list[Unit] = []
    changed: list[Unit] = []
    held: list[Holding] = []
    for plan in plans:
        if not plan.changes:
            continue
        row, unit = plan.row, plan.unit
        if unit is None:
            unit = Unit(
                id=new_id(), organization=organization, name=row.name, share=row.share or 0, area=row.area or 0,
                address=row.address, created_at=now,
            )  # fmt: skip
            made.append(unit)
            facts = {"unit": unit.name, "share": str(unit.share)}
            happenings.append(Happening("unit_added", "unit", unit.id, facts=facts))
        elif _changed(unit, row):
            changed.append(unit)
            facts = {"unit": unit.name, "share": str(unit.share), "area": str(unit.area)}
            happenings.append(Happening("unit_changed", "unit", unit.id, facts=facts))
        owner = plan.owner or (newcomers[plan.new_owner].id if plan.new_owner else None)
        for party_id, role in ((owner, "owner"), (plan.tenant, "tenant")):
            if party_id is None:
                continue
            since = (row.since if role == "owner" else None) or today
            held.append(
                Holding(
                    id=new_id(), organization=organization, unit=unit, party_id=party_id, role=role, from_on=since
                )
            )  # fmt: skip
            facts = {"unit": unit.name, "role": role, "to": row.owner or row.email, "on": since.isoformat()}
            facts |= {"to": row.tenant} if role == "tenant" else {}
            happenings.append(Happening("unit_transferred", "unit", unit.id, party_id, facts=facts))
    Unit.objects.bulk_create(made, batch_size=1000)
    Unit.objects.bulk_update(changed, ["share", "area", "address"], batch_size=500)
    Holding.objects.bulk_create(held, batch_size=1000)
    record(organization.id, actor, now, happenings)


def _changed(unit: Unit, row: UnitRow) -> bool:
    before = (unit.share, unit.area, unit.address)
    unit.share = unit.share if row.share is None else row.share
    unit.area = unit.area if row.area is None else row.area
    unit.address = row.address or unit.address
    return (unit.share, unit.area, unit.address) != before
