"""`paidthru gift`: what is given again and again, and what staff do about it."""

from typing import Annotated
from uuid import UUID

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, desk, me, member, say, say_json, table

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The donor: name, number or id in the roster.")]
Why = Annotated[str, typer.Option(help="Why, in a sentence; the timeline keeps it.")]


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The gifts that come again and again, or paused; the newest first."""
    from paidthru.giving.models import Gift
    from paidthru.giving.queries import interval_of

    at = desk(slug)
    found = Gift.objects.filter(organization=at.organization, state__in=("active", "paused"))
    rows = [
        {
            "number": one.party.number,
            "donor": one.party.name,
            "amount": amount(one.amount_minor, one.currency),
            "currency": one.currency,
            "every": interval_of(one).each,
            "campaign": one.campaign.name if one.campaign else "",
            "next": one.next_on,
            "state": one.state,
        }
        for one in found.select_related("party", "campaign").order_by("-created_at", "-id")
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Number", "Donor", "Gives", "Every", "Campaign", "Next on"],
        [
            [
                one["number"],
                one["donor"],
                f"{one['amount']} {one['currency']}",
                one["every"],
                one["campaign"],
                one["next"] or one["state"],
            ]
            for one in rows
        ],
        right=["Number", "Gives"],
    )


@app.command()
def pause(who: Who, why: Why = "", slug: Org = "") -> None:
    """Pause somebody's gifts: nothing is charged until they are taken up again."""
    from paidthru.runs.gifts import pause_gift

    at = desk(slug)
    for gift_id, said in _gifts(at.organization.id, member(at, who).id, "active"):
        pause_gift(at, gift_id, actor=me(), why=why)
        say(f"{said} is paused.")


@app.command()
def resume(who: Who, why: Why = "", slug: Org = "") -> None:
    """Take up somebody's paused gifts at their next dates; what went by isn't made up for."""
    from paidthru.actions.change_gift import change_gift

    at = desk(slug)
    for gift_id, said in _gifts(at.organization.id, member(at, who).id, "paused"):
        gone_on = change_gift(at.organization, gift_id, "active", actor=me(), now=at.clock.now(), why=why)
        say(f"{said} goes on, next on {gone_on.next_on}.")


@app.command()
def stop(who: Who, why: Why = "", slug: Org = "") -> None:
    """Stop somebody's gifts for good; they are told by mail."""
    from paidthru.runs.gifts import stop_gift

    at = desk(slug)
    for gift_id, said in _gifts(at.organization.id, member(at, who).id, "active", "paused"):
        stop_gift(at, gift_id, actor=me(), why=why)
        say(f"{said} is stopped.")


def _gifts(organization_id: UUID, party_id: UUID, *states: str) -> list[tuple[UUID, str]]:
    """Somebody's gifts in these states, each with how it is called. Refused `gift_unknown` where there is none."""
    from paidthru.giving.models import Gift
    from paidthru.kernel.errors import Refused

    found = Gift.objects.filter(organization_id=organization_id, party_id=party_id, state__in=states)
    called = [
        (one.id, f"The gift of {amount(one.amount_minor, one.currency)} {one.currency}") for one in found
    ]
    if not called:
        raise Refused(
            "gift_unknown", "They have no such gift.", field="who", fix="Look at `paidthru gift list`."
        )
    return called
