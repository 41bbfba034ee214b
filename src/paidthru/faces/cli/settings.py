"""`paidthru fee`, `cycle` and `prorate`: what an organization bills besides a plan's price."""

import re
from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, desk, me, plan, price, say, say_json, table
from paidthru.kernel.money import plain

fee = typer.Typer(no_args_is_help=True)
cycle = typer.Typer(no_args_is_help=True)
prorate = typer.Typer(no_args_is_help=True)


@fee.command("add")
def add_fee(
    plan_name: Annotated[str, typer.Option("--plan", help="The plan's name.")],
    name: Annotated[str, typer.Option(help="The fee's name, as the invoice says it.")],
    cost: Annotated[str, typer.Option("--amount", help="For one interval of the plan.")],
    voluntary: Annotated[bool, typer.Option("--voluntary", help="It is asked for and not owed.")] = False,
    complimentary: Annotated[
        bool, typer.Option("--complimentary", help="It is shown and costs nothing.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Add a fee that is billed with a plan."""
    from paidthru.actions.add_fee import add_fee as act

    at = desk(slug)
    to = plan(at, plan_name)
    amount_minor = price(cost, to.currency, "amount")
    act(at.organization, to.id, name, amount_minor, actor=me(), now=at.clock.now(), voluntary=voluntary,
        complimentary=complimentary)  # fmt: skip
    if as_json:
        say_json({"plan": to.name, "fee": name.strip(), "amount": plain(amount_minor, to.currency),
                  "currency": to.currency, "voluntary": voluntary, "complimentary": complimentary})  # fmt: skip
    else:
        say(f"{name.strip()}: {amount(amount_minor, to.currency)} {to.currency}, billed with {to.name}.")


@cycle.command("add")
def add_cycle(
    name: Annotated[str, typer.Option(help="The billing cycle's name.")],
    types: Annotated[str, typer.Option(help="The customer types that it bills: REG,STU.")],
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Add a billing cycle: the customer types that a renewal run bills."""
    from paidthru.actions.add_billing_cycle import add_billing_cycle

    at = desk(slug)
    listed = [one.strip() for one in types.split(",") if one.strip()]
    add_billing_cycle(at.organization, name, listed, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"cycle": name.strip(), "types": listed})
    else:
        say(f"{name.strip()} bills: {', '.join(listed)}.")


@cycle.command("list")
def list_cycles(slug: Org = "", as_json: AsJson = False) -> None:
    """List the billing cycles with their customer types."""
    from paidthru.membership.models import BillingCycle

    found = BillingCycle.objects.filter(organization=desk(slug).organization).order_by("name")
    if as_json:
        say_json({"cycles": [{"cycle": one.name, "types": one.types} for one in found]})
    else:
        table(["Cycle", "Bills"], [[one.name, ", ".join(one.types)] for one in found])


@prorate.command("add")
def add_table(
    name: Annotated[str, typer.Option(help="The table's name.")],
    factors: Annotated[
        str, typer.Option(help="Twelve factors, the fiscal year's first month first: “1.00 0.92 …”.")
    ],
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Add a prorate table, for those who join during a fixed term."""
    from paidthru.actions.add_prorate_table import add_prorate_table

    at = desk(slug)
    listed = re.split(r"[\s,]+", factors.strip())
    add_prorate_table(at.organization, name, listed, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"table": name.strip(), "factors": listed})
    else:
        say(f'{name.strip()}: to use it, paidthru plan add … --prorate "table:{name.strip()}"')
