"""`paidthru books`: the journal for other bookkeeping programs, and periods that are closed."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import As, AsJson, Org, dated, day, desk, say, say_json, somebody, table
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.ledger.models import ClosedPeriod
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)

Format = Annotated[str, typer.Option("--format", help="csv, beancount or hledger.")]
Out = Annotated[
    Path | None, typer.Option(help="Where to write it; else a file of its own name here.", metavar="FILE")
]


@app.command()
def export(
    form: Format = "beancount",
    since_last: Annotated[
        bool, typer.Option("--since-last", help="What no export holds yet, under the next number.")
    ] = False,
    number: Annotated[int, typer.Option("--number", help="An earlier export once more.")] = 0,
    start: Annotated[str, typer.Option("--from", help="The first day of a period.", metavar="DATE")] = "",
    through: Annotated[str, typer.Option("--through", help="Its last day.", metavar="DATE")] = "",
    out: Out = None,
    as_: As = "",
    slug: Org = "",
) -> None:
    """Write the journal of posted batches: a period (this year unless said), or what is new since the last export."""
    from paidthru.actions.export_books import export_books
    from paidthru.ledger.queries.exporting import book_file, books_of_export, books_of_period, export_numbered
    from paidthru.ledger.rules.exporting import FORMATS, SUFFIXES

    at = desk(slug)
    organization = at.organization
    if (since_last + bool(number) + bool(start or through)) > 1:
        raise Refused(
            "options_conflict",
            "A period, the next export and an earlier one are three different files.",
            field="since-last",
            fix="Name one of them.",
        )
    if form not in FORMATS:  # before an export is made that nobody can read
        raise Refused(
            "format_unknown",
            f"“{form}” is no format of ours.",
            field="format",
            value=form,
            fix=f"Choose one of: {', '.join(FORMATS)}.",
        )
    if since_last or number:
        made = (
            export_books(organization, actor=somebody(at, as_, "post"), now=at.clock.now())
            if since_last
            else export_numbered(organization.id, number)
        )
        books, name = books_of_export(made, organization.name), f"{organization.slug}-export-{made.number}"
    else:
        first = day(start, "from") if start else at.today.replace(month=1, day=1)
        last = day(through, "through") if through else at.today
        books = books_of_period(organization.id, organization.name, first, last)
        name = f"{organization.slug}-{first}-{last}"
    path = out or Path(f"{name}.{SUFFIXES[form]}")
    _write(path, book_file(organization.id, books, form))
    for note in books.notes:
        say(note)
    say(f"Written: {path}")


@app.command()
def exports(slug: Org = "", as_json: AsJson = False) -> None:
    """List the numbered exports, the latest first."""
    from paidthru.ledger.queries.exporting import exports_made, waiting_batches

    organization = desk(slug).organization
    found = [
        {"export": one.number, "made": dated(one.exported_at), "by": one.exported_by,
         "batches": one.batches.count()}
        for one in exports_made(organization.id)
    ]  # fmt: skip
    waiting = len(waiting_batches(organization.id))
    if as_json:
        say_json({"exports": found, "waiting": waiting})
        return
    table(
        ["Export", "Made", "By", "Batches"],
        [list(one.values()) for one in found],
        right=["Export", "Batches"],
    )
    say(f"{waiting} posted batches wait for the next export.")


@app.command()
def close(
    through: Annotated[str, typer.Argument(metavar="DATE", help="The last day of a month.")],
    as_: As = "",
    slug: Org = "",
) -> None:
    """Close the books through the end of a month: nothing is booked on these days any more."""
    from paidthru.actions.close_period import close_period

    at = desk(slug)
    last = day(through, "through")
    close_period(at.organization, last, actor=somebody(at, as_, "post"), now=at.clock.now())
    say(f"The books are closed through {last}.")


@app.command()
def reopen(
    because: Annotated[str, typer.Option("--because", help="The reason, for the record.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Approve what somebody else asked for.")] = False,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Leave closed what was asked for.")] = False,
    as_: As = "",
    slug: Org = "",
) -> None:
    """Open what was closed last again, with a reason; where two people are needed, the second approves."""
    from paidthru.actions.reopen_period import approve_reopening, reopen_period, withdraw_reopening

    at = desk(slug)
    actor, now, latest = somebody(at, as_, "post"), at.clock.now(), _latest(at)
    if approve:
        period = approve_reopening(at.organization, latest.id, actor=actor, now=now)
    elif withdraw:
        period = withdraw_reopening(at.organization, latest.id, actor=actor, now=now)
    else:
        period = reopen_period(at.organization, latest.id, reason=because, actor=actor, now=now)
    say(_said(period))


@app.command()
def periods(slug: Org = "", as_json: AsJson = False) -> None:
    """List what was closed, and opened again."""
    from paidthru.ledger.queries.closing import closings

    found = [
        {"through": one.closed_through, "state": one.state, "closed": dated(one.closed_at), "by": one.closed_by,
         "reason": one.reason, "opened_by": one.reopened_by}
        for one in closings(desk(slug).organization.id)
    ]  # fmt: skip
    if as_json:
        say_json({"periods": found})
        return
    table(["Through", "State", "Closed", "By", "Reason", "Opened by"], [list(one.values()) for one in found])


def _latest(at: "Desk") -> "ClosedPeriod":
    from paidthru.ledger.queries.closing import latest_closing

    found = latest_closing(at.organization.id)
    if found is None:
        raise Refused(
            "period_open", "Nothing is closed.", field="period", fix="`paidthru books close` closes a month."
        )
    return found


def _said(period: "ClosedPeriod") -> str:
    day_ = period.closed_through
    return {
        "closed": f"The books stay closed through {day_}.",
        "asked": f"Asked for {day_} to be opened; somebody else has to approve it.",
        "reopened": f"The closing through {day_} is undone.",
    }[period.state]


def _write(path: Path, parts: Iterable[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        raise Refused(
            "file_not_writable",
            f"{path} can't be written: {error.strerror}.",
            field="out",
            value=str(path),
            fix="Name another place with --out.",
        ) from error
