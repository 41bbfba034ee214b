"""`paidthru rate`: what other currencies are worth, for the equivalents in reports."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, say, say_json, table

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    currency: Annotated[str, typer.Argument(help="The other currency: EUR.")],
    rate: Annotated[str, typer.Argument(help="What one unit of it is worth in the organization's currency.")],
    on: Annotated[str, typer.Option("--on", help="Its day; today without.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where the figure is from.")] = "entered by hand",
    slug: Org = "",
) -> None:
    """Enter a rate; it holds until a later day has one."""
    from paidthru.actions.set_exchange_rate import set_exchange_rate
    from paidthru.organizations.rules.rates import plain_rate, read_exchange_rate

    at = desk(slug)
    row = set_exchange_rate(
        at.organization,
        currency,
        rate=read_exchange_rate(rate),
        valid_on=day(on, "on") if on else at.today,
        source=source,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"1 {row.currency} is {plain_rate(row.rate)} {at.organization.currency} from {row.valid_on} on.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The rates, the newest first."""
    from paidthru.organizations.models import ExchangeRate
    from paidthru.organizations.rules.rates import plain_rate

    at = desk(slug)
    found = ExchangeRate.objects.filter(organization=at.organization).order_by("-valid_on", "currency")
    rows = [
        {"currency": one.currency, "from": one.valid_on.isoformat(), "rate": plain_rate(one.rate),
         "into": at.organization.currency, "source": one.source}
        for one in found.iterator()
    ]  # fmt: skip
    if as_json:
        say_json(rows)
    elif rows:
        table(["Currency", "From", "Rate", "Into", "Source"], [tuple(row.values()) for row in rows])
    else:
        say("No exchange rate is entered.")
