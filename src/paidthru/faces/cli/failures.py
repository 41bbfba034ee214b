"""`paidthru failures`: what is unpaid, what comes next, and today's settings for open cases."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import As, AsJson, Org, amount, dated, desk, say, say_json, somebody, table

if TYPE_CHECKING:
    from paidthru.dunning.models import Case
    from paidthru.runs.coming_steps import Coming

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(
    name: Annotated[str, typer.Option("--name", help="Only members whose name contains this.")] = "",
    closed: Annotated[bool, typer.Option("--closed", help="Those that are over.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """What was not paid: since when, why, how often it was tried, and the next try or step with its date."""
    from paidthru.dunning.models import WHY
    from paidthru.dunning.queries import cases_of, figures_of, searched
    from paidthru.runs.coming_steps import coming_steps

    at = desk(slug)
    wanted = cases_of(at.organization.id).filter(searched(name), state="closed" if closed else "open")
    cases = list(wanted.select_related("party").order_by("opened_on", "id"))
    steps, figures = coming_steps(at, cases), figures_of([case.id for case in cases])
    rows = []
    for case in cases:
        owed, currency, tries = figures[case.id]
        coming = steps[case.id]
        rows.append(
            {
                "member": case.party.name,
                "number": case.party.number,
                "since": dated(case.opened_on),
                "why": WHY.get(case.why, case.why),
                "tries": tries,
                "owed": amount(owed, currency),
                "next": _next(case, coming),
                "on": dated(on) if (on := coming.tried_on if coming.try_first else coming.on) else "",
            }
        )
    if as_json:
        say_json(rows)
        return
    table(
        ("Member", "Since", "Why", "Tries", "Owed", "Next", "On"),
        [(r["member"], r["since"], r["why"], r["tries"], r["owed"], r["next"], r["on"]) for r in rows],
        right=("Tries", "Owed"),
    )


def _next(case: "Case", coming: "Coming") -> str:
    """`try`, or the step by its mail or by what it does; `staff` where a person decides."""
    if coming.waiting:
        return "under_way"
    if coming.try_first:
        return "try"
    if coming.rung is not None and not case.for_staff:
        return coming.rung.mail or coming.rung.does
    return "staff" if case.state == "open" and case.for_staff else case.closed_because


@app.command()
def adopt(as_: As = "", slug: Org = "") -> None:
    """Let open cases go on by today's settings, not by those that they opened with."""
    from paidthru.actions.adopt_ladder import adopt_ladder

    at = desk(slug)
    count = adopt_ladder(at.organization, actor=somebody(at, as_, "resolve"), now=at.clock.now())
    say(f"{count} open cases have another ladder now.")
