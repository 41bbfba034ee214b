"""The commands about the calendar of work: is it being done, what has an outage left, does all of it go by itself."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, desk, me, say, say_json, table
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.runs import Desk, Missed


def status(slug: Org = "", as_json: AsJson = False) -> None:
    """Say what is due and not done, and when the worker was last here. Exit 1 if something is an hour late."""
    from paidthru.organizations.models import Organization
    from paidthru.wiring import desk_for

    chosen = (
        [desk(slug)]
        if slug
        else [desk_for(one) for one in Organization.objects.filter(forked_from=None).order_by("name", "slug")]
    )
    found = [_standing(at) for at in chosen]
    late = any(one["late"] for one in found)
    if as_json:
        say_json({"ok": not late, "organizations": found})
    else:
        for one in found:
            say(f"{one['name']} ({one['org']})", style="bold")
            _show(one)
    if late:
        raise typer.Exit(1)


def _standing(at: "Desk") -> dict[str, Any]:
    from paidthru.runs import KINDS, watch

    found = watch(at)
    return {
        "org": at.organization.slug,
        "name": at.organization.name,
        "due_not_done": found.count,
        "late": found.is_late,
        "stopped": at.organization.worker_stopped,
        "worked_at": found.worked_at,
        "worker_seen_at": found.seen_at,
        "work": [
            {"kind": one.kind, "what": KINDS[one.kind], "count": one.count, "since": one.since}
            for one in found.due
        ],
    }


def _show(one: dict[str, Any]) -> None:
    say(f"  Due but not done: {one['due_not_done']:,}", style="red" if one["late"] else None)
    if one["work"]:
        table(
            ["Work", "How much", "Since"],
            [[each["what"], f"{each['count']:,}", _instant(each["since"])] for each in one["work"]],
            right=["How much"],
        )
    say(f"  Everything due was done last: {_instant(one['worked_at'])}")
    say(f"  A worker was here last: {_instant(one['worker_seen_at'])}")
    if one["stopped"]:
        say("  The worker is switched off for this organization.")
    if one["late"]:
        say("  Start a worker (paidthru worker), or see what it would do: paidthru catch-up")


def _instant(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else "never"


def catch_up(
    yes: Annotated[bool, typer.Option("--yes", help="I have read the list: do it now.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """List what should have happened by now and has not, by day; with --yes, do it, each thing once."""
    from paidthru import runs

    at = desk(slug)
    found = runs.missed(at)
    worked_at = runs.watch(at).worked_at
    left: list[Missed] | None = None
    if yes:
        with runs.take_turn(at.organization.id):
            runs.catch_up(at)
        left = runs.missed(at)
    if as_json:
        facts = {"worked_at": worked_at, "missed": [_facts(one) for one in found]}
        say_json(facts if left is None else facts | {"left": [_facts(one) for one in left]})
        return
    _list(at, found, worked_at)
    if left is not None and found:
        say("Done." if not left else "Done, but for this:")
        _table(left)
    elif found:
        say("Do it with --yes. A worker does it by itself as soon as one is running.")


def _list(at: "Desk", found: "list[Missed]", worked_at: datetime | None) -> None:
    if not found:
        say("Nothing is due that has not been done.")
        return
    if worked_at is not None:
        on = local_date(worked_at, at.organization.zone)
        say(f"Everything that was due was done last on {on}. Since then:")
    _table(found)


def _table(found: "list[Missed]") -> None:
    if found:
        table(
            ["Day", "What", "How much", "Amount"],
            [[one.on, _what(one), f"{one.count:,}", _amount(one)] for one in found],
            right=["How much", "Amount"],
        )


def _what(one: "Missed") -> str:
    from paidthru.runs import KINDS

    return f"{KINDS[one.kind]}, of these without a mail" if one.note else KINDS[one.kind]


def _amount(one: "Missed") -> str:
    return "" if one.amount_minor is None else f"{amount(one.amount_minor, one.currency)} {one.currency}"


def _facts(one: "Missed") -> dict[str, Any]:
    money = None if one.amount_minor is None else plain(one.amount_minor, one.currency)
    return {
        "day": one.on,
        "kind": one.kind,
        "what": _what(one),
        "count": one.count,
        "withheld": bool(one.note),
        "amount": money,
        "currency": one.currency or None,
    }


def automatic(
    switch: Annotated[str, typer.Argument(help="on or off; without it, say how it is.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Let the whole renewal go by itself: generated, posted, submitted and retrieved by the calendar; or by staff."""
    from paidthru.faces.stories.examples import change_policies
    from paidthru.organizations.queries import policies_of
    from paidthru.organizations.rules.automation import BY_ITSELF, BY_STAFF, steps_by_staff

    at = desk(slug)
    if switch not in ("", "on", "off"):
        raise Refused(
            "switch_unknown",
            f"“{switch}” is neither on nor off.",
            field="switch",
            value=switch,
            fix="Say on or off.",
        )
    if switch:
        values = BY_ITSELF if switch == "on" else BY_STAFF
        change_policies(at.organization, values, actor=me(), now=at.clock.now())
    policies = policies_of(at.organization)
    left = steps_by_staff(policies)
    if as_json:
        say_json({"automatic": not left, "policies": {key: policies.word(key) for key in BY_ITSELF}})
        return
    say("The whole renewal goes by itself." if not left else f"Staff have a part in it: {', '.join(left)}.")
    table(["Policy", "Now"], [[key, policies.word(key)] for key in BY_ITSELF])
