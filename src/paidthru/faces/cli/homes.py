"""`paidthru unit` and `paidthru levy`: homes, what they are assessed, and what is raised once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import (
    AsJson,
    Org,
    amount,
    day,
    desk,
    many,
    me,
    member,
    price,
    say,
    say_json,
    table,
)
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.kernel.periods import Interval
    from paidthru.people.models import Unit
    from paidthru.runs import Desk

unit = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The unit's name.")]
Every = Annotated[str, typer.Option(help="month, quarter or year.")]


def _unit_of(at: "Desk", name: str) -> "Unit":
    from paidthru.people.queries import unit_named

    return unit_named(at.organization.id, name)


@unit.command()
def add(
    name: Name,
    share: Annotated[int, typer.Option(help="What it bears of what is split by share.")] = 0,
    area: Annotated[int, typer.Option(help="What it bears of what is split by area.")] = 0,
    owner: Annotated[str, typer.Option(help="Who owns it: name, number or id in the roster.")] = "",
    since: Annotated[str, typer.Option(help="Since which day; today without.")] = "",
    slug: Org = "",
) -> None:
    """Add a unit: a home, a lot or a flat that owes assessments."""
    from paidthru.actions.add_unit import add_unit

    at = desk(slug)
    made = add_unit(
        at.organization,
        name,
        share=share,
        area=area,
        owner_id=member(at, owner).id if owner else None,
        owned_from=day(since, "since") if since else None,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{made.name} is there.")


@unit.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file: Unit, Share, Area, Address, Owner, E-mail, Since, Tenant.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would do.")] = False,
    add_owners: Annotated[bool, typer.Option("--add-owners", help="Add owners who aren't known yet.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Bring units in: all good rows or none. The same file again changes nothing; nothing is billed."""
    from paidthru.actions.import_units import import_units, preview_units

    at = desk(slug)
    try:
        stream = file.open("rb")
    except OSError as failed:
        raise Refused(
            "file_unreadable", f"{file} can't be read: {failed.strerror}.", field="file", value=str(file),
            fix="Check its name and place.",
        ) from failed  # fmt: skip
    with stream:
        if preview:
            report = preview_units(at.organization, stream, add_owners=add_owners, now=at.clock.now())
        else:
            report = import_units(
                at.organization, stream, add_owners=add_owners, actor=me(), now=at.clock.now()
            )
    if as_json:
        say_json(report.as_dict())
        return
    if report.faults:
        table(
            ["Row", "Field", "Value", "Problem", "What to do"],
            [[one.row, one.field, one.value, one.problem, one.fix] for one in report.faults],
        )
    would = "would be " if preview else ""
    say(
        f"{many(report.add, 'unit')} {would}added, {report.change} {would}changed, {report.unchanged} unchanged,"
        f" {many(report.left_out, 'row')} left out; {many(report.owners_new, 'owner')} {would}added."
    )
    owner = report.columns.get("owner", "owner")
    if not add_owners and any((one.field, one.code) == (owner, "member_unknown") for one in report.faults):
        say("With --add-owners, owners who aren't known are added.")


@unit.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The units, who owns them, and what is open of them."""
    from paidthru.assessments.queries import owed_by_units
    from paidthru.people.models import Holding, Unit

    at = desk(slug)
    units = list(Unit.objects.filter(organization=at.organization).order_by("name", "id"))
    owners = dict(
        Holding.objects.filter(unit__in=units, role="owner", until_on=None).values_list(
            "unit_id", "party__name"
        )
    )
    owed = owed_by_units([one.id for one in units])
    said = {
        id_: [f"{amount(minor, currency)} {currency}" for currency, minor in sorted(of.items())]
        for id_, of in owed.items()
    }
    if as_json:
        say_json(
            [
                {
                    "unit": one.name, "owner": owners.get(one.id, ""), "share": one.share, "area": one.area,
                    "owes": said.get(one.id, []),
                }
                for one in units
            ]
        )  # fmt: skip
        return
    table(
        ["Unit", "Owner", "Share", "Area", "Open of it"],
        [
            [one.name, owners.get(one.id, ""), one.share, one.area, ", ".join(said.get(one.id, []))]
            for one in units
        ],
        right=["Share", "Area", "Open of it"],
    )


@unit.command()
def assess(
    name: Name,
    amount_: Annotated[str, typer.Argument(metavar="AMOUNT", help="What it owes each time.")],
    every: Every = "month",
    from_: Annotated[str, typer.Option("--from", help="The first day; today without.")] = "",
    until: Annotated[str, typer.Option(help="The last day on which one may come.")] = "",
    called: Annotated[str, typer.Option(help="What the line says.")] = "Assessment",
    slug: Org = "",
) -> None:
    """Assess a unit: an amount that whoever owns it owes again and again."""
    from paidthru.actions.assess import assess as assess_unit

    at = desk(slug)
    currency = at.organization.currency
    one = assess_unit(
        at.organization,
        _unit_of(at, name).id,
        name=called,
        amount_minor=price(amount_, currency, "amount"),
        every=_interval(every),
        starts_on=day(from_, "from") if from_ else at.today,
        ends_on=day(until, "until") if until else None,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{name} owes {amount(one.amount_minor, currency)} {currency} every {every} from {one.starts_on} on.")


@unit.command()
def transfer(
    name: Name,
    to: Annotated[str, typer.Argument(help="The new owner: name, number or id in the roster.")],
    on: Annotated[str, typer.Option(help="From which day; today without.")] = "",
    slug: Org = "",
) -> None:
    """Somebody else owns a unit from a day on; what each owner bears of the present periods is said."""
    from paidthru.assessments.queries import parted_on
    from paidthru.runs.homes import hand_over_home

    at = desk(slug)
    found, since = _unit_of(at, name), day(on, "on") if on else at.today
    holding = hand_over_home(at, found.id, member(at, to).id, on=since, actor=me())
    say(f"{found.name} is {holding.party.name}'s from {since} on.")
    for statement in parted_on(found.id, since):
        say(statement.sentence)


@unit.command()
def waive(
    name: Name,
    why: Annotated[str, typer.Option(help="The reason; it stands in the timeline.")],
    slug: Org = "",
) -> None:
    """Waive the open late fees of a unit: they are not owed any more, and don't come again for their period."""
    from paidthru.invoicing.models import Receivable
    from paidthru.kernel.ids import new_id
    from paidthru.runs.homes import waive_late_fee

    at = desk(slug)
    found = _unit_of(at, name)
    fees = Receivable.objects.filter(source_id=found.id, kind="late_fee", state="open").order_by(
        "due_on", "id"
    )
    waived = [waive_late_fee(at, fee.id, reason=why, actor=me(), key=str(new_id())) for fee in fees]
    say(
        f"{len(waived)} late fees of {found.name} are waived."
        if waived
        else f"{found.name} has no open late fee."
    )


def levy(
    what: Annotated[str, typer.Argument(help='What it is for, such as "Roof repair".')],
    amount_: Annotated[str, typer.Argument(metavar="AMOUNT", help="What is raised in all.")],
    due: Annotated[str, typer.Option(help="When it is due; of instalments, the first.")],
    by: Annotated[str, typer.Option(help="share, equally or area.")] = "share",
    instalments: Annotated[int, typer.Option(help="In how many instalments.")] = 1,
    every: Every = "month",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what each unit would bear.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Raise an amount once, split over all units to the cent."""
    from paidthru.actions.levy import split_levy
    from paidthru.assessments.rules.splitting import Method
    from paidthru.runs.homes import levy_now

    at = desk(slug)
    currency = at.organization.currency
    if by not in ("share", "equally", "area"):
        raise Refused("method_unknown", f"“{by}” is no way to split.", field="by", value=by,
                      fix="Use share, equally or area.")  # fmt: skip
    amount_minor, due_on, unit_ = price(amount_, currency, "amount"), day(due, "due"), _interval(every).unit
    method: Method = "equally" if by == "equally" else "area" if by == "area" else "share"
    split = split_levy(
        at.organization, amount_minor=amount_minor, currency=currency, method=method, due_on=due_on,
        instalments=instalments, every=unit_,
    )  # fmt: skip
    if not dry_run:
        levy_now(
            at, name=what, amount_minor=amount_minor, method=method, due_on=due_on, instalments=instalments,
            every=unit_, actor=me(),
        )  # fmt: skip
    if as_json:
        say_json(
            [
                {"unit": share.name, "amount_minor": share.amount_minor, "why": share.sentence}
                for share, _ in split
            ]
        )
        return
    table(
        ["Unit", "Bears", "Why"],
        [[share.name, amount(share.amount_minor, currency), share.sentence] for share, _ in split],
        right=["Bears"],
    )
    say(
        "Nothing was levied."
        if dry_run
        else f"{len(split)} units are levied on; what is due first is billed."
    )


def _interval(every: str) -> "Interval":
    from paidthru.kernel.periods import Interval, Unit

    if every not in ("month", "quarter", "year"):
        raise Refused("interval_invalid", f"“{every}” is no interval.", field="every", value=every,
                      fix="Use month, quarter or year.")  # fmt: skip
    return Interval(1, Unit(every))
