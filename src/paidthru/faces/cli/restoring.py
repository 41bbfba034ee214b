"""`paidthru freeze`, `unfreeze`, `replay`, `sweep`: live charging stopped, read through and released."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, desk, me, say, say_json, table
from paidthru.kernel.clock import SystemClock

if TYPE_CHECKING:
    from paidthru.runs.sweep import SweepReport


def freeze(
    why: Annotated[str, typer.Argument(help="The reason, as staff read it.")], as_json: AsJson = False
) -> None:
    """Stop live charging and refunding in the whole installation."""
    from paidthru.actions.freeze import freeze as act

    row = act(why=why, actor=me(), now=SystemClock().now())
    if as_json:
        say_json({"frozen": True, "why": row.frozen_why})
    else:
        say("Nothing live is charged or refunded from now on. Sandboxes go on.")
        say("Next: paidthru replay, then paidthru unfreeze.")


def unfreeze(
    why: Annotated[str, typer.Argument(help="What makes you sure, as the timeline shows it.")],
    moved: Annotated[
        bool, typer.Option("--moved", help="The installation that this database came from is gone for good.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Release live charging, after `replay` was run and what it found was read."""
    from paidthru.actions.unfreeze import unfreeze as act

    act(why=why, actor=me(), now=SystemClock().now(), moved=moved)
    if as_json:
        say_json({"frozen": False})
    else:
        say("Live charging goes on.")


def replay(
    last_invoice: Annotated[
        int, typer.Option(help="The highest invoice number that was given out, if you know it.", min=0)
    ] = 0,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Read the processors through after a restore, and take in what the backup does not know."""
    from paidthru.organizations.models import Organization
    from paidthru.organizations.queries import freeze as standing
    from paidthru.runs import replay as run
    from paidthru.wiring import desk_for

    live = Organization.objects.filter(mode=Organization.Mode.LIVE).order_by("name", "slug")
    chosen = [desk(slug)] if slug else [desk_for(one) for one in live]
    found: list[tuple[str, SweepReport]] = []
    for at in chosen:
        found.append((at.organization.slug, run(at, actor=me(), last_invoice=last_invoice)))
        if not as_json:
            _show(at.organization.name, found[-1][1])
    state = standing()
    missing = list(state.missing) if state else []
    if as_json:
        say_json({"organizations": [_facts(*one) for one in found], "missing": missing})
    elif not chosen:
        say("There is no live organization: nothing had to be replayed.")
    if not as_json:
        for sentence in missing:
            say(f"Still missing: {sentence}", style="yellow")
        if not missing:
            say("Read the above; then: paidthru unfreeze")
    if any(not report.complete for _, report in found):
        raise typer.Exit(1)


def sweep(
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=400)] = 35,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Compare a processor's payments, refunds, disputes and payouts with ours, and settle what is not."""
    from datetime import timedelta

    from paidthru.runs import sweep as run

    at = desk(slug)
    report = run(at, since=at.clock.now() - timedelta(days=days), actor=me())
    if as_json:
        say_json(_facts(at.organization.slug, report))
    else:
        _show(at.organization.name, report)
    if not report.complete:
        raise typer.Exit(1)


def _facts(slug: str, report: "SweepReport") -> dict[str, Any]:
    return {
        "org": slug,
        **report.facts(),
        "lost_numbers": report.lost_numbers,
        "counts": report.counts,
    }


def _show(name: str, report: "SweepReport") -> None:
    say(f"{name}, at {report.gateway}", style="bold")
    read = {"intents": "payments", "balance": "movements"}
    say("  read: " + ", ".join(f"{count:,} {read.get(kind, kind)}" for kind, count in report.read.items()))
    for count, what in (
        (report.settled, "settled: the processor had an answer that we didn't have"),
        (report.rebuilt, "rebuilt: this database had lost them"),
        (report.strays, "nobody's: they stand in suspense until somebody places them"),
        (report.canceled, "canceled: created, never confirmed, and lost"),
        (report.booked, "fees, payouts and other movements, new"),
        (report.lost_numbers, "invoice numbers lost: they are not given again"),
        (report.differing, "different: look at both"),
    ):
        if count:
            say(f"  {count:,} {what}")
    if report.differences:
        rows = [[one.kind, one.ref, one.what] for one in report.differences]
        table(["About", "The processor's reference", "What"], rows)
    for why in report.stopped:
        say(f"  not read to its end: {why}", style="red")
