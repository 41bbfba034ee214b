"""`paidthru discount`: what comes off prices, for whom and how long."""

from typing import Annotated, Any

import typer

from paidthru.faces.cli.shell import (
    AsJson,
    Org,
    dated,
    day,
    desk,
    me,
    member,
    plan,
    price,
    say,
    say_json,
    table,
)
from paidthru.kernel.errors import Refused

app = typer.Typer(no_args_is_help=True)


@app.command()
def give(
    who: Annotated[str, typer.Argument(help="The member; leave it out for a whole plan or a code.")] = "",
    on_plan: Annotated[
        str, typer.Option("--plan", help="Only on this plan; without a member, for all on it.")
    ] = "",
    percent: Annotated[str, typer.Option(help="So much off, such as 20.")] = "",
    off: Annotated[str, typer.Option("--amount", help="So much off the price of one interval.")] = "",
    complimentary: Annotated[bool, typer.Option("--complimentary", help="Nothing is charged.")] = False,
    waive: Annotated[str, typer.Option(help="An item of the plan that is not charged; needs --why.")] = "",
    name: Annotated[str, typer.Option(help="What members read.")] = "",
    code: Annotated[str, typer.Option(help="It is for whoever gives this code.")] = "",
    from_: Annotated[str, typer.Option("--from", help="For terms that begin on this day or later.")] = "",
    until: Annotated[str, typer.Option(help="For terms that begin before this day.")] = "",
    terms: Annotated[int | None, typer.Option(help="For so many of a member's terms.", min=1)] = None,
    why: Annotated[str, typer.Option(help="The reason, kept with it.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Give a discount for terms that are billed from now on."""
    from paidthru.actions.give_discount import DiscountDraft, give_discount
    from paidthru.membership.models import Fee
    from paidthru.membership.rules.discounts import read_percent

    at = desk(slug)
    kinds = {"percentage": percent, "amount": off, "complimentary": complimentary, "waiver": waive}
    chosen = [kind for kind, given in kinds.items() if given]
    if len(chosen) != 1:
        raise Refused("discount_invalid", "Say what comes off, in one way.", field="kind",
                      fix="Use one of --percent, --amount, --complimentary, --waive.")  # fmt: skip
    found = plan(at, on_plan) if on_plan else None
    fee = None
    if waive:
        fee = Fee.objects.filter(plan=found, name=waive.strip(), closed=False).first() if found else None
        if fee is None:
            raise Refused("discount_invalid", f"There is no item “{waive}”.", field="fee", value=waive,
                          fix="Name the plan with --plan, and one of its items.")  # fmt: skip
    currency = found.currency if found else at.organization.currency
    draft = DiscountDraft(
        chosen[0],
        party_id=member(at, who).id if who else None,
        plan_id=found.id if found else None,
        fee_id=fee.id if fee else None,
        name=name,
        code=code,
        rate_ppm=read_percent(percent) if percent else 0,
        amount_minor=price(off, currency, "amount") if off else 0,
        currency=currency,
        from_on=day(from_, "from") if from_ else None,
        until_on=day(until, "until") if until else None,
        terms=terms,
        why=why,
    )
    given = give_discount(at.organization, draft, actor=me(), now=at.clock.now())
    facts = _facts(given)
    if as_json:
        say_json(facts)
    else:
        say(f"{given.name}: {facts['off']} off for {facts['for']}, from {dated(given.from_on)}.")


@app.command()
def redeem(
    who: Annotated[str, typer.Argument(help="The member who gave the code.")],
    code: Annotated[str, typer.Argument(help="The code.")],
    slug: Org = "",
) -> None:
    """Give a member what a code is for."""
    from paidthru.actions.give_discount import redeem_code

    at = desk(slug)
    given = redeem_code(at.organization, member(at, who).id, code, actor=me(), now=at.clock.now())
    say(f"{given.name}, from {dated(given.from_on)}.")


@app.command()
def end(
    number: Annotated[int, typer.Argument(help="Its number in `paidthru discount list`.", min=1)],
    on: Annotated[
        str, typer.Option(help="For terms that begin on this day or later; today without it.")
    ] = "",
    slug: Org = "",
) -> None:
    """End a discount; what is billed stays as it is."""
    from paidthru.actions.give_discount import end_discount

    at = desk(slug)
    rows = _rows(at.organization.id)
    if number > len(rows):
        raise Refused("discount_unknown", f"There is no discount {number}.", field="number", value=str(number),
                      fix="See `paidthru discount list`.")  # fmt: skip
    last = day(on, "on") if on else None
    ended = end_discount(at.organization, rows[number - 1].id, on=last, actor=me(), now=at.clock.now())
    say(f"{ended.name} is over for terms that begin on {dated(ended.until_on)} or later.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """List the discounts, in the order in which they were given."""
    at = desk(slug)
    found = [_facts(one) for one in _rows(at.organization.id)]
    if as_json:
        say_json({"discounts": found})
    else:
        table(
            ["", "Name", "Off", "For", "From", "Until", "Terms"],
            [[number, one["name"], one["off"], one["for"], one["from"], one["until"] or "", one["terms"] or "all"]
             for number, one in enumerate(found, start=1)],
        )  # fmt: skip


def _rows(organization_id: Any) -> list[Any]:
    from paidthru.membership.queries.discounts import discounts_given

    return list(discounts_given(organization_id).order_by("id"))


def _facts(row: Any) -> dict[str, Any]:
    from paidthru.membership.queries.discounts import as_rule

    whom = row.party.name if row.party else f"the code {row.code}" if row.code else "everybody"
    return {
        "name": row.name, "off": as_rule(row).said, "for": f"{whom} on {row.plan.name}" if row.plan else whom,
        "from": row.from_on.isoformat(), "until": row.until_on.isoformat() if row.until_on else None,
        "terms": row.terms, "why": row.why,
    }  # fmt: skip
