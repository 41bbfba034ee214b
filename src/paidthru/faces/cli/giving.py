"""`paidthru campaign` and `paidthru donate`: what is raised, how far it is, and a donation."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, day, desk, me, member, price, say, say_json, table

campaign = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The campaign's name.")]


@campaign.command()
def add(
    name: Name,
    goal: Annotated[str, typer.Argument(help="What is to be raised.")],
    from_: Annotated[str, typer.Option("--from", help="The first day; at once without.")] = "",
    until: Annotated[str, typer.Option(help="The last day; until it is closed without.")] = "",
    minimum: Annotated[str, typer.Option(help="The smallest donation.")] = "",
    in_: Annotated[str, typer.Option("--currency", help="Another currency than the organization's.")] = "",
    slug: Org = "",
) -> None:
    """Add a campaign: a goal, its days, and a page at which anybody can give."""
    from paidthru.actions.add_campaign import add_campaign

    at = desk(slug)
    currency = in_.upper() or at.organization.currency
    made = add_campaign(
        at.organization,
        name,
        currency=currency,
        goal_minor=price(goal, currency, "goal"),
        minimum_minor=price(minimum, currency, "minimum") if minimum else None,
        starts_on=day(from_, "from") if from_ else None,
        ends_on=day(until, "until") if until else None,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{made.name} is there; its page is /give/{at.organization.slug}/{made.slug}/.")


@campaign.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The campaigns, and how far each is."""
    from paidthru.giving.queries import Raised, campaigns_of, raised_by
    from paidthru.giving.rules.campaigns import percent_of

    at = desk(slug)
    found = list(campaigns_of(at.organization.id))
    raised = raised_by(one.id for one in found)
    rows = [
        {
            "campaign": one.name,
            "raised": amount(raised.get(one.id, Raised()).minor, one.currency),
            "goal": amount(one.goal_minor, one.currency),
            "currency": one.currency,
            "percent": percent_of(raised.get(one.id, Raised()).minor, one.goal_minor),
            "from": one.starts_on,
            "until": one.ends_on,
            "closed": one.closed_at is not None,
        }
        for one in found
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Campaign", "Raised", "Goal", "Reached", "From", "Through"],
        [
            [one["campaign"], one["raised"], f"{one['goal']} {one['currency']}", f"{one['percent']}%",
             one["from"] or "", "closed" if one["closed"] else one["until"] or ""]
            for one in rows
        ],
        right=["Raised", "Goal", "Reached"],
    )  # fmt: skip


@campaign.command()
def close(name: Name, slug: Org = "") -> None:
    """Close a campaign: it takes no donations any more."""
    from paidthru.actions.close_campaign import close_campaign
    from paidthru.giving.queries import campaign_named

    at = desk(slug)
    one = campaign_named(at.organization.id, name)
    close_campaign(at.organization, one.id, actor=me(), now=at.clock.now())
    say(f"{one.name} is closed.")


def donate(
    who: Annotated[str, typer.Argument(help="The donor: name, number or id in the roster.")],
    amount_: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much.")],
    to: Annotated[str, typer.Option(help="The campaign; none without.")] = "",
    by: Annotated[str, typer.Option(help="check, cash, transfer, terminal, or on_file to charge.")] = "check",
    slug: Org = "",
) -> None:
    """Enter a donation: money that came, or a charge to the method on file."""
    from paidthru.giving.operations import Giving
    from paidthru.giving.queries import campaign_named
    from paidthru.kernel.errors import Refused
    from paidthru.runs.giving import RECORDED, give

    at = desk(slug)
    if by not in (*RECORDED, "on_file"):
        raise Refused(
            "means_unknown",
            f"“{by}” isn't a way in which a donation comes.",
            field="by",
            value=by,
            fix=f"Choose one of: {', '.join(RECORDED)}, on_file.",
        )
    campaign_ = campaign_named(at.organization.id, to) if to else None
    currency = campaign_.currency if campaign_ else at.organization.currency
    donor = member(at, who)
    donation = give(
        at,
        Giving(donor.id, price(amount_, currency, "amount"), currency, campaign_, "staff", by),
        actor=me(),
    )
    if donation.invoice.state == "void":
        say("The bank declined it. Nothing was given.")
        raise typer.Exit(1)
    say(f"{donor.name} gave {amount(donation.amount_minor, currency)} {currency}.")
