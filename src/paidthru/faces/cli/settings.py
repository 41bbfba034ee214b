"""`paidthru fee`, `cycle`, `prorate` and `policy`: what an organization bills besides a plan's price, and decides."""

import re
from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, desk, me, member, plan, price, say, say_json, table
from paidthru.kernel.money import plain

fee = typer.Typer(no_args_is_help=True)
cycle = typer.Typer(no_args_is_help=True)
prorate = typer.Typer(no_args_is_help=True)
policy = typer.Typer(no_args_is_help=True)


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


Member = Annotated[
    str, typer.Option("--member", help="For one member: exact name, roster id, or #number.", metavar="MEMBER")
]


@policy.command("list")
def list_policies(of: Member = "", slug: Org = "", as_json: AsJson = False) -> None:
    """List what is decided, where each value came from, and what it can be."""
    from paidthru.organizations.queries import policies_of
    from paidthru.organizations.rules.policies import CATALOGUE, shown

    at = desk(slug)
    customer = str(member(at, of).id) if of else ""
    policies = policies_of(at.organization)
    found = []
    for key in CATALOGUE.values():
        effective = policies.effective(key.name, customer=customer if "customer" in key.scopes else "")
        found.append({"policy": key.name, "value": shown(effective.value), "source": effective.source,
                      "allowed": key.expected(), "scopes": list(key.scopes), "decides": key.sentence})  # fmt: skip
    if as_json:
        say_json({"policies": found})
    else:
        table(["Policy", "Value", "From", "Can be"],
              [[one["policy"], one["value"], one["source"], one["allowed"]] for one in found])  # fmt: skip


@policy.command("set")
def set_(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The policy, such as term.basis.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A word, a number, or a call: day(14).")],
    of: Member = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Set a policy for the organization, or for one member where the policy allows that."""
    from paidthru.actions.set_policy import set_policy
    from paidthru.organizations.rules.policies import parse, shown

    at = desk(slug)
    customer = member(at, of) if of else None
    read = parse(key, value)
    set_policy(at.organization, {key: read}, actor=me(), now=at.clock.now(),
               customer_id=customer.id if customer else None)  # fmt: skip
    if as_json:
        say_json({"policy": key, "value": shown(read), "scope": "customer" if customer else "organization",
                  "member": customer.name if customer else None})  # fmt: skip
    else:
        say(f"{key} = {shown(read)}" + (f" for {customer.name}." if customer else "."))
