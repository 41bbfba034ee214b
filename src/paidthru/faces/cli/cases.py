"""`paidthru case`: what staff decide about something unpaid: pause, resume, skip a step, an arrangement, close."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.enrolment import Who
from paidthru.faces.cli.shell import As, AsJson, Org, day, desk, member, price, say, say_json, somebody
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.dunning.models import Case
    from paidthru.dunning.rules.ladder import Rung
    from paidthru.people.models import Party
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)

Since = Annotated[
    str, typer.Option(help="Since when it is unpaid, where a member has several cases.", metavar="DATE")
]
Why = Annotated[str, typer.Option(help="Why; for the record.")]


@app.command()
def pause(
    who: Who,
    until: Annotated[str, typer.Option(help="The day on which it goes on.", metavar="DATE")],
    why: Why = "",
    since: Since = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Until a date nothing is mailed, tried or ended; the days between don't count."""
    from paidthru.actions.pause_case import pause_case

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "resolve")
    case, on = _case(party, since), day(until, "until")
    pause_case(at.organization, case.id, until_on=on, why=why, actor=actor, now=at.clock.now())
    _said(f"{party.name}’s case is paused until {on}.", party, case, as_json, until=on)


@app.command()
def resume(who: Who, since: Since = "", as_: As = "", slug: Org = "", as_json: AsJson = False) -> None:
    """End a pause or an arrangement: the steps come again from today, where they stood."""
    from paidthru.actions.pause_case import resume_case

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "resolve")
    case = _case(party, since)
    resume_case(at.organization, case.id, actor=actor, now=at.clock.now())
    _said(f"{party.name}’s case goes on.", party, case, as_json)


@app.command()
def skip(
    who: Who,
    step: Annotated[str, typer.Option(help="The step that is meant, as `case show` names it.")] = "",
    why: Why = "",
    since: Since = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Leave out the next step; what follows stays as it is."""
    from paidthru.actions.skip_step import skip_step

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "resolve")
    case = _case(party, since)
    rung, _ = _next(case)
    key = step or (rung.key if rung else "")
    skip_step(at.organization, case.id, key, why=why, actor=actor, now=at.clock.now())
    _said(f"Left out: {key}. What follows stays as it is.", party, case, as_json, skipped=key)


@app.command()
def arrange(
    who: Who,
    part: Annotated[
        list[str], typer.Option(help="A part: DATE=AMOUNT, as often as there are parts; one is a deferral.")
    ],
    why: Annotated[str, typer.Option(help="What was agreed; for the record.")] = "",
    since: Since = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """The member pays in parts, or later. While it is kept, nothing is mailed or tried."""
    from paidthru.actions.arrange_payment import arrange_payment
    from paidthru.dunning.queries import figures_of
    from paidthru.dunning.rules.arrangement import Part

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "resolve")
    case = _case(party, since)
    currency = figures_of([case.id])[case.id][1]
    parts = [Part(day(on, "part"), price(money, currency, "part")) for on, money in _parts(part)]
    arrange_payment(at.organization, case.id, parts, why=why, actor=actor, now=at.clock.now())
    many = "one part" if len(parts) == 1 else f"{len(parts)} parts"
    said = f"{party.name} pays in {many}; the last is due on {max(one.due_on for one in parts)}."
    _said(said, party, case, as_json, parts=[{"due": one.due_on} for one in parts])


@app.command()
def close(
    who: Who,
    why: Annotated[str, typer.Option(help="Why; it stands in the timeline.")],
    since: Since = "",
    as_: As = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Nothing more is done by itself. What is owed stays owed."""
    from paidthru.actions.close_case import close_case

    at = desk(slug)
    party, actor = member(at, who), somebody(at, as_, "resolve")
    case = _case(party, since)
    close_case(at.organization, case.id, why=why, actor=actor, now=at.clock.now())
    _said(f"{party.name}’s case is closed.", party, case, as_json)


@app.command()
def show(who: Who, since: Since = "", slug: Org = "", as_json: AsJson = False) -> None:
    """How a member's case stands, when it is tried again, and its next step."""
    at = desk(slug)
    party = member(at, who)
    case = _case(party, since)
    _said(_state(at, party, case), party, case, as_json)


def _state(at: "Desk", party: "Party", case: "Case") -> str:
    from paidthru.dunning.queries import figures_of, needs_a_person, present_pause
    from paidthru.kernel.money import plain
    from paidthru.runs.coming_steps import coming_steps

    owed, currency, tries = figures_of([case.id])[case.id]
    coming = coming_steps(at, [case])[case.id]
    held = present_pause(case.id)
    state = f"{party.name} owes {plain(owed, currency)} {currency}, unpaid since {case.opened_on}."
    if held is not None:
        state += f" Nothing is done before {held.until_on}."
    if coming.waiting:
        return f"{state} A payment is under way."
    if coming.tried_on is not None:
        state += f" It is tried {'again ' if tries else ''}on {coming.tried_on}."
    if coming.rung is None or case.for_staff:
        decide = "Somebody has to decide." if needs_a_person(case) else "Nothing more comes by itself."
        return state if coming.tried_on else f"{state} {decide}"
    when = f" on {coming.on}" if coming.on else ", when nothing more is tried"
    return f"{state} The next step is {coming.rung.key}{when}."


def _next(case: "Case") -> "tuple[Rung | None, Any]":
    """The next step and its local date, if it has one yet."""
    from paidthru.dunning.queries import facts_of
    from paidthru.dunning.rules.ladder import ladder_from, next_step

    return next_step(ladder_from(case.ladder), facts_of([case])[case.id]) or (None, None)


def _case(party: "Party", since: str) -> "Case":
    """The open case that is meant. Refused `case_unknown`, `which_case`."""
    from paidthru.dunning.queries import open_cases_of_party

    found = open_cases_of_party(party.id)
    if since:
        on = day(since, "since")
        found = [case for case in found if case.opened_on == on]
    if not found:
        raise Refused("case_unknown", f"{party.name} has no open case.", field="member", value=party.name,
                      fix="`paidthru failures list` shows them.")  # fmt: skip
    if len(found) > 1:
        days = ", ".join(case.opened_on.isoformat() for case in found)
        raise Refused("which_case", f"{party.name} has several, unpaid since {days}.", field="since",
                      fix=f"Name one, such as --since {found[0].opened_on.isoformat()}.")  # fmt: skip
    return found[0]


def _parts(given: Sequence[str]) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    for one in given:
        on, equals, money = one.partition("=")
        if not equals:
            raise Refused("option_unreadable", f"--part “{one}” says nothing: an = is missing.", field="--part",
                          value=one, fix="Write it as --part 2027-02-01=50.00.")  # fmt: skip
        made.append((on, money))
    return made


def _said(said: str, party: "Party", case: "Case", as_json: bool, **more: object) -> None:
    if not as_json:
        say(said)
        return
    case.refresh_from_db()
    rung, on = (None, None) if case.state == "closed" else _next(case)
    say_json({"member": party.name, "since": case.opened_on, "state": case.state, "next": rung.key if rung else None,
              "on": on, **more})  # fmt: skip
