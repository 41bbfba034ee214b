"""`paidthru import`: a roster becomes members; first the report, then the commit."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import (
    AsJson,
    Org,
    amount,
    bar,
    desk,
    many,
    me,
    pairs,
    price,
    say,
    say_json,
    table,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.membership.rules.roster_report import Choices, ImportReport

app = typer.Typer(no_args_is_help=True)
SHOWN = 40


@app.callback()
def group() -> None:
    """Bring members in from a file."""


@app.command()
def members(
    file: Annotated[Path, typer.Argument(help="A CSV file, as other programs export it.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only report what would happen.")] = False,
    map_: Annotated[
        list[str], typer.Option("--map", help="Correct a column: FIELD=HEADING, FIELD=#7, or FIELD= for none.")
    ] = [],  # noqa: B006 - Typer copies it
    plan: Annotated[
        list[str], typer.Option(help="Read a level of the file as a plan: “LEVEL=PLAN”, or “LEVEL=” for none.")
    ] = [],  # noqa: B006
    plan_price: Annotated[
        list[str], typer.Option(help="Create a level as a plan with a price: “LEVEL=100.00”.")
    ] = [],  # noqa: B006
    create_plans: Annotated[
        bool | None,
        typer.Option("--create-plans/--no-create-plans",
                     help="Create the levels that many rows name. The first import does so by itself."),
    ] = None,
    every: Annotated[
        str, typer.Option(help="How often plans that are created bill: month, quarter, half-year or year.")
    ] = "",
    status: Annotated[
        list[str], typer.Option(help="Read a word of the status column: “WORD=active” (lapsed, canceled …).")
    ] = [],  # noqa: B006
    date_order: Annotated[
        list[str], typer.Option(help="Read a column's dates: FIELD=day_first or FIELD=month_first.")
    ] = [],  # noqa: B006
    token: Annotated[str, typer.Option(help="Commit only the file whose report had this token.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Bring members in: all good rows or none. The same file again changes nothing; nothing is mailed or charged."""
    from paidthru.actions.import_members import commit_import, preview_import

    at = desk(slug)
    organization, now = at.organization, at.clock.now()
    choices = _choices(map_, plan, plan_price, create_plans, every, status, date_order, organization.currency)
    try:
        stream = file.open("rb")
    except OSError as failed:
        raise Refused(
            "file_unreadable",
            f"{file} can't be read: {failed.strerror}.",
            field="file",
            value=str(file),
            fix="Check its name and place.",
        ) from failed
    with stream, bar("Reading" if preview else "Importing", shown=not as_json) as told:
        if preview:
            report = preview_import(
                organization, stream, choices, now=now, file_name=file.name, progress=told
            )
        else:
            report = commit_import(
                organization,
                stream,
                choices,
                actor=me(),
                now=now,
                file_name=file.name,
                token=token or None,
                progress=told,
            )
    if as_json:
        say_json(report.as_dict())
    else:
        show(report)


def _choices(
    columns: Sequence[str], plan: Sequence[str], plan_price: Sequence[str], create: bool | None, every: str,
    status: Sequence[str], date_order: Sequence[str], currency: str,
) -> "Choices":  # fmt: skip
    from paidthru.membership.rules.roster import Corrections
    from paidthru.membership.rules.roster_report import Choices

    return Choices(
        corrections=Corrections(
            columns={field: heading or None for field, heading in _fields(columns).items()},
            date_orders=pairs(date_order, "--date-order"),
        ),
        plan_map=pairs(plan, "--plan"),
        create_plans={level: price(text, currency) if text else None
                      for level, text in pairs(plan_price, "--plan-price").items()},
        create_offered=create,
        every=every,
        status_map=pairs(status, "--status"),
    )  # fmt: skip


def _fields(columns: Sequence[str]) -> dict[str, str]:
    """FIELD=HEADING: the first = divides, for a heading may hold others."""
    made: dict[str, str] = {}
    for one in columns:
        field, equals, heading = one.partition("=")
        if not equals:
            raise Refused(
                "option_unreadable",
                f"--map “{one}” says nothing: an = is missing.",
                field="--map",
                value=one,
                fix="Write it as --map FIELD=HEADING.",
            )
        made[field.strip()] = heading.strip()
    return made


def show(report: "ImportReport") -> None:
    """The report for a person: figures, plans, what was assumed, changes, faults, and what to do next."""
    done = report.committed
    say(f"{report.file or 'The roster'}: {many(report.rows, 'row')}" + (", imported." if done else "."))
    table(
        ["", "Rows"],
        [
            ["added" if done else "to add", f"{report.add:,}"],
            ["changed" if done else "to change", f"{report.change:,}"],
            ["unchanged", f"{report.unchanged:,}"],
            ["left out", f"{report.left_out:,}"],
        ],
        right=["Rows"],
    )
    columns = ", ".join(f"{heading} → {field}" for field, heading in report.columns.items())
    say(f"Columns: {columns}.")
    if report.unmapped:
        say(f"Not imported: {', '.join(report.unmapped)}.")
    for one in report.assumptions:
        example = f" (such as {one.example})" if one.example else ""
        say(f"Assumed: {one.column or 'the file'} is read as {one.read_as}{example}: {one.reason}.")
    for heading, order in report.date_orders.items():
        how = "month first, 12/31/2026" if order == "month_first" else "day first, 31/12/2026"
        say(f"Dates in {heading} are read {how}.")
    for plan in report.plans_new:
        cost = (
            f"{amount(plan.price_minor, report.currency)} {report.currency}"
            if plan.price_minor is not None
            else "no price yet"
        )
        say(f"New plan {plan.name}: {plan.rows:,} rows, {cost} every {plan.every}.")
    for unknown in report.plans_asked:
        price = unknown.price_minor
        create = (
            f'--plan-price "{unknown.text}={plain(price, report.currency)}"' if price else "--create-plans"
        )
        say(
            f"No plan is called {unknown.text} ({unknown.rows:,} rows): create it with {create}, or say which it"
            f' is with --plan "{unknown.text}=PLAN".',
            style="yellow",
        )
    if report.without_date:
        have = "has" if report.without_date == 1 else "have"
        say(f"{many(report.without_date, 'member')} {have} no renewal date, so nothing bills them by itself.")
    if report.dates_kept:
        are = "is" if report.dates_kept == 1 else "are"
        say(
            f"{many(report.dates_kept, 'member')} {are} billed here already; the dates that are here are kept."
        )
    if report.balances:
        have = "has" if report.balances == 1 else "have"
        say(f"{many(report.balances, 'row')} {have} a balance; it is read, and not booked.")
    _show_changes(report)
    _show_faults(report)


def _show_changes(report: "ImportReport") -> None:
    if report.changes:
        say()
        table(
            ["Row", "Member", "Change"],
            [
                [
                    one.row,
                    one.name,
                    "; ".join(
                        f"{field}: {before or '–'} → {after or '–'}"
                        for field, (before, after) in one.changes.items()
                    ),
                ]
                for one in report.changes
            ],
            right=["Row"],
        )
        if report.change > len(report.changes):
            more = report.change - len(report.changes)
            say(f"… and {many(more, 'more change')}.")


def _show_faults(report: "ImportReport") -> None:
    wrong = [fault for fault in report.faults if fault.severity != "note"]
    if wrong:
        say()
        table(
            ["Row", "Field", "Value", "Problem", "The way out"],
            [[fault.row, fault.field, fault.value[:32], fault.problem, fault.fix] for fault in wrong[:SHOWN]],
            right=["Row"],
        )
    more = report.faults_found - min(len(wrong), SHOWN)
    if more > 0:
        noun = "note" if len(wrong) <= SHOWN else "fault or note" if more == 1 else "faults and note"
        said = f"… and {many(more, f'more {noun}')}" if wrong else many(more, noun)
        say(f"{said}; --json prints {'it' if more == 1 else 'them all'}.")
