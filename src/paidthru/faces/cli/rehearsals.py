"""`paidthru rehearsal`: the next months played in a copy, by the present policies and by others."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, bar, desk, many, me, pairs, say, say_json, table
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.organizations.models import Rehearsal
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)
Which = Annotated[
    str,
    typer.Argument(
        metavar="REHEARSAL",
        help="Its name, as `paidthru rehearsal list` shows it, or its id; of several with one name the newest.",
    ),
]
CALLED = {"present": "As it is", "proposed": "With the changes"}


@app.command()
def run(
    name: Annotated[str, typer.Option(help="What to call it.")] = "The next months",
    months: Annotated[int, typer.Option(help="How many months to play, 24 at most.")] = 12,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="A policy to compare with; may be given several times."
        ),
    ] = None,
    declined: Annotated[
        float | None, typer.Option(min=0, max=100, help="Per cent of charges that fail for want of money.")
    ] = None,
    lost: Annotated[
        float | None, typer.Option(min=0, max=100, help="Per cent of cards and accounts closed in a year.")
    ] = None,
    by_hand: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Per cent of invoices that nobody collects paid by hand."),
    ] = None,
    by_hand_days: Annotated[int | None, typer.Option(help="So many days after they are due.")] = None,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Play the next months in a copy, and with other policies in a second one; say what came of them. Nothing of the
    organization changes, no mail leaves, no money moves. What isn't said of payments is as in the last year."""
    from dataclasses import replace

    from paidthru.actions.rehearse import rehearse
    from paidthru.organizations.rules.policies import parse
    from paidthru.runs.rehearsed import luck_seen

    at = desk(slug)
    changes = {key: parse(key, text) for key, text in pairs(change or [], "set").items()}
    said = {"declined": declined, "lost": lost, "by_hand": by_hand}
    shares = {name: int(Decimal(str(share)) * 10) for name, share in said.items() if share is not None}
    luck = replace(luck_seen(at), **shares)
    if by_hand_days is not None:
        luck = replace(luck, by_hand_days=by_hand_days)
    made = rehearse(
        at.organization, name=name, months=months, changes=changes, luck=luck, actor=me(), now=at.clock.now()
    )
    _play(made, shown=not as_json)
    _say(at, made, as_json)


def _play(rehearsal: "Rehearsal", *, shown: bool) -> None:
    """Each course by a process of its own."""
    courses = [str(id_) for id_ in rehearsal.courses.order_by("kind").values_list("id", flat=True)]
    program = [sys.executable, "-m", "paidthru.config.main", "rehearsal", "play"]

    def one(course: str) -> str:
        done = subprocess.run([*program, course], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stderr[-2000:]

    with bar("Playing", shown=shown) as told, ThreadPoolExecutor(len(courses)) as pool:
        told(0, len(courses))
        for n, wrong in enumerate(pool.map(one, courses), start=1):
            if wrong:
                raise RuntimeError(wrong)
            told(n, len(courses))


@app.command(hidden=True)
def play(course: Annotated[str, typer.Argument(metavar="COURSE")]) -> None:
    """Play one course of a rehearsal (what `rehearsal run` starts for each)."""
    from paidthru.organizations.models import Course
    from paidthru.runs.rehearsing import play_course
    from paidthru.wiring import desk_for, fork_for

    found = Course.objects.select_related("rehearsal", "organization").get(id=course)
    play_course(found, fork=fork_for, desk_for=desk_for)


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """List the rehearsals, the newest first."""
    from paidthru.organizations.models import Rehearsal

    at = desk(slug)
    found = list(Rehearsal.objects.filter(organization=at.organization).order_by("-id"))
    states = {one.id: dict(one.courses.order_by("kind").values_list("kind", "state")) for one in found}
    if as_json:
        listed = [
            {
                "id": str(one.id), "name": one.name, "from": one.begins_at.isoformat(), "months": one.months,
                "policies": list(one.changes), "courses": states[one.id],
            }
            for one in found
        ]  # fmt: skip
        say_json({"rehearsals": listed})
        return
    table(
        ["Name", "From", "Months", "Policies changed", "State"],
        [
            [one.name, f"{one.begins_at:%Y-%m-%d}", one.months, ", ".join(one.changes) or "none",
             ", ".join(sorted(set(states[one.id].values())))]
            for one in found
        ],
    )  # fmt: skip


@app.command()
def show(which: Which, slug: Org = "", as_json: AsJson = False) -> None:
    """Say what came of a rehearsal."""
    at = desk(slug)
    _say(at, _found(at, which), as_json)


@app.command()
def discard(which: Which, slug: Org = "") -> None:
    """Throw the copies of a rehearsal away; what came of it in figures stays."""
    from paidthru.runs.rehearsing import throw_away

    at = desk(slug)
    found = _found(at, which)
    throw_away(at.organization, found.id, actor=me(), now=at.clock.now())
    say(f"The copies of “{found.name}” are gone; its figures stay.")


def _found(at: "Desk", which: str) -> "Rehearsal":
    from paidthru.organizations.models import Rehearsal

    asked = Rehearsal.objects.filter(organization=at.organization)
    try:
        found = asked.filter(id=UUID(which)).first()
    except ValueError:
        found = asked.filter(name=which).order_by("-id").first()
    if found is None:
        raise Refused(
            "rehearsal_unknown", "There is no such rehearsal.", field="rehearsal", value=which[:80],
            fix="`paidthru rehearsal list` shows them.",
        )  # fmt: skip
    return found


def _say(at: "Desk", rehearsal: "Rehearsal", as_json: bool) -> None:
    from paidthru.runs.rehearsed import Figures, partings

    courses = list(rehearsal.courses.order_by("kind"))
    failed = next((one for one in courses if one.state == "failed"), None)
    if failed is not None:
        raise Refused("rehearsal_failed", failed.problem, fix="Throw it away and try another one.")
    found = {one.kind: Figures.of(one.figures) for one in courses if one.figures is not None}
    _, total = partings(rehearsal, limit=1)
    if as_json:
        figures = {kind: one.as_dict() for kind, one in found.items()}
        say_json({"id": str(rehearsal.id), "courses": figures, "differing": total})
        return
    currency = at.organization.currency
    figured = [
        ("Billed", "billed_minor"), ("Collected", "collected_minor"), ("Invoices", "billed"),
        ("Payments declined", "declined"), ("Mails", "mails"), ("Memberships that ended", "ended"),
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            label,
            *(
                amount(one.total(name), currency) if name.endswith("_minor") else one.total(name)
                for one in found.values()
            ),
        ]
        for label, name in figured
    ]
    rows.append(["Owed at the end", *(amount(one.owed_minor, currency) for one in found.values())])
    table(["In all", *(CALLED[kind] for kind in found)], rows, right=[CALLED[kind] for kind in found])
    if len(found) == 2:
        say(f"It differs for {many(total, 'member')}.")
    say(f"Its id is {rehearsal.id}; the console shows it month by month, and member by member.")
