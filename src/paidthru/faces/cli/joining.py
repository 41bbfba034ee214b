"""`paidthru link` and `paidthru contact`: addresses at which anybody can join, and who hears of what is bought."""

from typing import Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, member, plan, say, say_json, table

link = typer.Typer(no_args_is_help=True)
contact = typer.Typer(no_args_is_help=True)
Through = Annotated[
    str,
    typer.Option(
        "--through", help="The last day on which it works; “never” for no such day.", metavar="DATE"
    ),
]


@link.command("make")
def make_link(
    plan_name: Annotated[str, typer.Option("--plan", help="The plan that whoever opens it joins.")],
    through: Through = "never",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Make a join link: an address at which anybody can sign up for a plan."""
    from paidthru.actions.make_join_link import make_join_link

    at = desk(slug)
    expires_on = None if through == "never" else day(through, "through")
    made = make_join_link(
        at.organization, plan(at, plan_name).id, actor=me(), now=at.clock.now(), expires_on=expires_on
    )
    _said(at, made, as_json=as_json)


@link.command("list")
def list_links(slug: Org = "", as_json: AsJson = False) -> None:
    """List the join links: where they lead, and whether they work."""
    from paidthru.membership.models import JoinLink

    at = desk(slug)
    found = [
        _facts(at, one)
        for one in JoinLink.objects.filter(organization=at.organization).select_related("plan").order_by("id")
    ]
    if as_json:
        say_json({"links": found})
    else:
        rows = [
            [one["plan"], one["address"], "yes" if one["works"] else "no", one["through"]] for one in found
        ]
        table(["Plan", "Address", "Works", "Through"], rows)


@link.command("change")
def change_link(
    address: Annotated[str, typer.Argument(help="The link's address, or its last part.")],
    through: Through = "",
    off: Annotated[bool, typer.Option("--off", help="Switch it off.")] = False,
    on: Annotated[bool, typer.Option("--on", help="Switch it on.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Switch a join link off or on, or let it expire on another day."""
    from paidthru.actions.change_join_link import change_join_link
    from paidthru.kernel.errors import Refused
    from paidthru.membership.models import JoinLink

    at = desk(slug)
    token = address.rstrip("/").rpartition("/")[2]
    found = JoinLink.objects.filter(organization=at.organization, token=token).select_related("plan").first()
    if found is None:
        raise Refused("join_link_unknown", "There is no such link.", field="link", value=address,
                      fix="`paidthru link list` shows them.")  # fmt: skip
    expires_on = found.expires_on if not through else None if through == "never" else day(through, "through")
    enabled = (found.enabled or on) and not off
    changed = change_join_link(at.organization, found.id, enabled=enabled, expires_on=expires_on, actor=me(),
                               now=at.clock.now())  # fmt: skip
    _said(at, changed, as_json=as_json)


def _said(at: Any, made: Any, *, as_json: bool) -> None:
    if as_json:
        say_json(_facts(at, made))
    else:
        say(_facts(at, made)["address"])


def _facts(at: Any, one: Any) -> dict[str, Any]:
    past = one.expires_on is not None and one.expires_on < at.today
    return {
        "plan": one.plan.name, "address": f"{at.public_url}/join/{one.token}/",
        "works": one.enabled and not past and not one.plan.closed,
        "through": one.expires_on.isoformat() if one.expires_on else None,
    }  # fmt: skip


@contact.command("set")
def set_contact(
    who: Annotated[str, typer.Argument(help="An exact name, an id of the roster, #number, or “nobody”.")],
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set the billing contact, who is mailed whenever somebody buys something that is billed."""
    from paidthru.actions.set_billing_contact import set_billing_contact

    at = desk(slug)
    party = None if who == "nobody" else member(at, who)
    set_billing_contact(at.organization, party.id if party else None, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"contact": party.name if party else None, "email": party.email if party else None})
    else:
        say(f"{party.name} is the billing contact." if party else "Nobody is the billing contact.")
