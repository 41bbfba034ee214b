"""`paidthru plan`: what a member can belong to, and its price."""

from typing import Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, desk, me, plan, price, say, say_json, table
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

app = typer.Typer(no_args_is_help=True)
_UNITS = ("day", "week", "month", "quarter", "year")


@app.command()
def add(
    name: Annotated[str, typer.Option(help="The plan's name.")],
    cost: Annotated[
        str, typer.Option("--price", help="The price of one interval; without one nothing is billed yet.")
    ] = "",
    every: Annotated[str, typer.Option(help="The interval: year, month, “3 months”, week …")] = "year",
    kind: Annotated[
        str, typer.Option(help="subscription, prepaid, pay_as_you_go, non_recurring or free.")
    ] = "subscription",
    currency: Annotated[str, typer.Option(help="Another currency than the organization's.")] = "",
    prorate: Annotated[
        str, typer.Option(help="For those who join during a term: none, months, days or table:NAME.")
    ] = "",
    interval_months: Annotated[
        int | None, typer.Option(help="The plan's members renew for so many months.", min=1, max=120)
    ] = None,
    visits: Annotated[
        int | None, typer.Option(help="Visits of each cycle that cost nothing; every one without.")
    ] = None,
    default: Annotated[bool, typer.Option("--default", help="The plan that members fall back to.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Add a plan, or give a plan that has no price one."""
    from paidthru.actions.add_plan import PlanDraft, add_plan
    from paidthru.actions.change_price import change_price
    from paidthru.membership.models import Fee, Plan

    at = desk(slug)
    in_ = currency.upper() or at.organization.currency
    amount_minor = price(cost, in_) if cost else None
    count, unit = _interval(every)
    kind_of_share, factors = _prorate(prorate)
    known = Plan.objects.filter(organization=at.organization, name=name.strip()).first()
    priced = Fee.objects.filter(plan=known, is_primary=True, closed=False).exists()
    only_priced = not prorate and interval_months is None and visits is None
    if known and amount_minor is not None and not priced and only_priced:
        if known.currency != in_:
            raise Refused("currency_mismatch", f"{known.name} is in {known.currency}, the price in {in_}.",
                          field="price", value=cost, fix=f"Give the price in {known.currency}.")  # fmt: skip
        change_price(at.organization, known.id, amount_minor, actor=me(), now=at.clock.now())
    else:
        draft = PlanDraft(name=name, amount_minor=amount_minor, kind=kind, currency=in_, interval_count=count,
                          interval_unit=unit, is_default=default, override_months=interval_months,
                          prorate=kind_of_share, prorate_table=factors, included_visits=visits)  # fmt: skip
        add_plan(at.organization, draft, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"plan": name.strip(), "price": plain(amount_minor, in_) if amount_minor is not None else None,
                  "currency": in_})  # fmt: skip
    elif amount_minor is None:
        free = kind == "free"
        say(
            f"{name}: free, nothing is billed."
            if free
            else f"{name}: no price yet, so nothing is billed for it."
        )
    else:
        say(f"{name}: {amount(amount_minor, in_)} {in_} every {every}.")


def _prorate(text: str) -> tuple[str, str]:
    """How a first fee is reduced, and the table's name: both '' where the policy decides."""
    kind, _, named = text.strip().partition(":")
    if (kind in ("", "none", "months", "days") and not named) or (kind == "table" and named.strip()):
        return kind, named.strip()
    raise Refused("prorate_invalid", f"“{text}” is no way to prorate.", field="prorate", value=text,
                  fix="Use none, months, days, or table: and the name of a prorate table.")  # fmt: skip


def _interval(text: str) -> tuple[int, str]:
    words = text.lower().split()
    count = words[0] if len(words) == 2 else "1"
    unit = words[-1].rstrip("s") if words else ""
    if len(words) not in (1, 2) or not count.isdigit() or unit not in _UNITS:
        raise Refused("interval_invalid", f"“{text}” is no interval.", field="every", value=text,
                      fix=f"Use {', '.join(_UNITS)}, with a number before it if it is more than one.")  # fmt: skip
    return int(count), unit


@app.command("visits")
def included(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="The plan.")],
    number: Annotated[int | None, typer.Argument(help="How many; leave it out for every one.")] = None,
    slug: Org = "",
) -> None:
    """Say how many visits of each cycle a plan includes, from the next visit on."""
    from paidthru.actions.set_included_visits import set_included_visits

    at = desk(slug)
    found = set_included_visits(at.organization, plan(at, name).id, number, actor=me(), now=at.clock.now())
    shown = "every visit" if found.included_visits is None else f"{found.included_visits} visits a cycle"
    say(f"{found.name} includes {shown}.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """List the plans with their prices and members."""
    from django.db.models import Count, Q

    from paidthru.membership.models import Plan

    organization = desk(slug).organization
    now = Q(memberships__state__in=["pending", "active", "ending"])
    found = Plan.objects.filter(organization=organization).annotate(members=Count("memberships", filter=now))
    plans = [_facts(one) for one in found.prefetch_related("fees").order_by("name")]
    if as_json:
        say_json({"plans": plans})
    else:
        table(
            ["Plan", "Price", "", "Every", "Kind", "Members"],
            [[one["plan"], one["price"] or "no price", one["currency"], one["every"], one["kind"], one["members"]]
             for one in plans],
            right=["Price", "Members"],
        )  # fmt: skip


def _facts(plan: Any) -> dict[str, Any]:
    fee = next((fee for fee in plan.fees.all() if fee.is_primary and not fee.closed), None)
    every = plan.interval_unit if plan.interval_count == 1 else f"{plan.interval_count} {plan.interval_unit}s"
    return {
        "plan": plan.name, "price": plain(fee.amount_minor, plan.currency) if fee else None,
        "currency": plan.currency, "every": every, "kind": plan.kind, "members": plan.members,
        "default": plan.is_default, "closed": plan.closed,
    }  # fmt: skip
