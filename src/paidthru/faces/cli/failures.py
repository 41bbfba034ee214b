"""`paidthru failures`: what is unpaid, what comes next, and today's settings for open cases."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import As, AsJson, Org, amount, dated, desk, say, say_json, somebody, table

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(
    name: Annotated[str, typer.Option("--name", help="Only members whose name contains this.")] = "",
    closed: Annotated[bool, typer.Option("--closed", help="Those that are over.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """What was not paid: since when, why, how often it was tried, and the next step with its date."""
    from paidthru.dunning.models import WHY
    from paidthru.dunning.queries import cases_of, facts_of, figures_of, searched
    from paidthru.dunning.rules.ladder import ladder_from, next_step

    at = desk(slug)
    wanted = cases_of(at.organization.id).filter(searched(name), state="closed" if closed else "open")
    cases = list(wanted.select_related("party").order_by("opened_on", "id"))
    facts, figures = facts_of(cases), figures_of([case.id for case in cases])
    rows = []
    for case in cases:
        owed, currency, tries = figures[case.id]
        coming = None if case.state == "closed" else next_step(ladder_from(case.ladder), facts[case.id])
        rows.append(
            {
                "member": case.party.name,
                "number": case.party.number,
                "since": dated(case.opened_on),
                "why": WHY.get(case.why, case.why),
                "tries": tries,
                "owed": amount(owed, currency),
                "next": (coming[0].mail or coming[0].does) if coming else case.closed_because,
                "on": dated(coming[1]) if coming and coming[1] else "",
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


@app.command()
def adopt(as_: As = "", slug: Org = "") -> None:
    """Let open cases go on by today's settings, not by those that they opened with."""
    from paidthru.actions.adopt_ladder import adopt_ladder

    at = desk(slug)
    count = adopt_ladder(at.organization, actor=somebody(at, as_, "resolve"), now=at.clock.now())
    say(f"{count} open cases have another ladder now.")
