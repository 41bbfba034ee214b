"""`paidthru tax`: taxes that lines may bear, their rates, and who bears them."""

from typing import Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, member, plan, say, say_json, table
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As it stands on invoices: VAT, GST.")],
    rate: Annotated[str, typer.Argument(help="In percent, such as 20 or 8.875.")],
    inclusive: Annotated[bool, typer.Option("--inclusive", help="Amounts have it inside.")] = False,
    from_: Annotated[str, typer.Option("--from", help="From this day on; since ever without.")] = "",
    slug: Org = "",
) -> None:
    """Add a tax; lines and plans say whether they bear it."""
    from paidthru.actions.add_tax import SINCE_EVER, add_tax
    from paidthru.invoicing.rules.tax import read_rate

    at = desk(slug)
    tax = add_tax(
        at.organization,
        name,
        rate_ppm=read_rate(rate),
        inclusive=inclusive,
        actor=me(),
        now=at.clock.now(),
        from_on=day(from_, "from") if from_ else SINCE_EVER,
    )
    say(f"{tax.name} is there, {'inside' if inclusive else 'on top of'} amounts.")


@app.command()
def rate(
    name: Annotated[str, typer.Argument(help="The tax.")],
    rate: Annotated[str, typer.Argument(help="In percent.")],
    from_: Annotated[str, typer.Option("--from", help="The day from which it holds.")],
    slug: Org = "",
) -> None:
    """Give a tax another rate from a day on; what was billed keeps its own."""
    from paidthru.actions.add_tax import add_tax_rate
    from paidthru.invoicing.rules.tax import read_rate

    at = desk(slug)
    tax = _tax(at, name)
    add_tax_rate(
        at.organization,
        tax.id,
        rate_ppm=read_rate(rate),
        from_on=day(from_, "from"),
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{tax.name} has its new rate from {from_}.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The taxes and their rates."""
    from paidthru.actions.add_tax import SINCE_EVER
    from paidthru.invoicing.queries import rates_of

    rows = [
        {
            "tax": name,
            "rate": one.percent,
            "amounts": "inside" if one.inclusive else "on top",
            "from": one.valid_from.isoformat() if one.valid_from > SINCE_EVER else "",
        }
        for name, rates in sorted(rates_of(desk(slug).organization.id).items())
        for one in rates
    ]
    if as_json:
        say_json(rows)
    elif rows:
        table(["Tax", "Rate", "Amounts", "From"], [tuple(row.values()) for row in rows])
    else:
        say("No tax is billed.")


@app.command("plan")
def of_plan(
    name: Annotated[str, typer.Argument(help="The plan.")],
    tax: Annotated[str, typer.Argument(help="The tax that it bears; leave it out for none.")] = "",
    slug: Org = "",
) -> None:
    """Say which tax a plan bears, for what is billed from now on."""
    from paidthru.actions.tax_plan import tax_plan

    at = desk(slug)
    found = tax_plan(
        at.organization,
        plan(at, name).id,
        _tax(at, tax).id if tax else None,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{found.name} bears {tax or 'no tax'} from now on.")


@app.command()
def exempt(
    who: Annotated[str, typer.Argument(help="The member.")],
    why: Annotated[str, typer.Option(help="Why no tax is billed; leave it out to end that.")] = "",
    slug: Org = "",
) -> None:
    """Bill no tax to somebody, or do again."""
    from paidthru.actions.set_tax_exempt import set_tax_exempt

    at = desk(slug)
    party = set_tax_exempt(at.organization, member(at, who).id, why, actor=me(), now=at.clock.now())
    say(f"{party.name} {'is billed no tax' if why.strip() else 'is billed tax as everybody'} from now on.")


def _tax(at: Any, name: str) -> Any:
    from paidthru.invoicing.models import Tax

    found = Tax.objects.filter(organization=at.organization, name__iexact=name.strip()).first()
    if found is None:
        raise Refused("tax_unknown", f"There is no tax named {name}.", field="tax", value=name,
                      fix="`paidthru tax list` shows them.")  # fmt: skip
    return found


@app.command()
def report(
    start: Annotated[
        str, typer.Option("--from", help="The first day; this year's without.", metavar="DATE")
    ] = "",
    through: Annotated[
        str, typer.Option("--through", help="The last day; today without.", metavar="DATE")
    ] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """What tax came to in a period, by tax and rate, and by how much the account Tax grew."""
    from paidthru.invoicing.queries.taxes import tax_report

    at = desk(slug)
    first = day(start, "from") if start else at.today.replace(month=1, day=1)
    last = day(through, "through") if through else at.today
    if first > last:
        raise Refused(
            "period_invalid",
            f"{first} is after {last}.",
            field="from",
            value=first.isoformat(),
            fix="Choose a period that begins before it ends.",
        )
    found = tax_report(at.organization.id, first, last)
    rows = [
        {
            "tax": one.tax,
            "rate": one.percent,
            "currency": one.currency,
            "billed_without_tax": plain(one.net_billed_minor, one.currency),
            "billed": plain(one.billed_minor, one.currency),
            "credited": plain(one.credited_minor, one.currency),
            "received": plain(one.received_minor, one.currency),
            "given_back": plain(one.refunded_minor, one.currency),
            "in_books": plain(one.booked_minor, one.currency),
        }
        for one in found.rows
    ]
    account = {currency: plain(amount, currency) for currency, amount in sorted(found.account_minor.items())}
    if as_json:
        say_json({"from": first, "through": last, "taxes": rows, "account": account})
        return
    heads = [
        "Tax",
        "Rate",
        "",
        "Billed without",
        "Tax billed",
        "Credited",
        "Received",
        "Given back",
        "In the books",
    ]
    table(heads, [list(row.values()) for row in rows], right=heads[3:])
    for currency, amount in account.items():
        say(f"The account Tax grew by {amount} {currency}.")
        if beside := found.beside_minor(currency):
            say(f"Of that {plain(beside, currency)} {currency} is the tax of no line.")
