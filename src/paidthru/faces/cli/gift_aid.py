"""`paidthru gift-aid`: what charities in the United Kingdom claim back on donations."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, day, desk, many, me, member, say, say_json, table

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The donor: name, number or id in the roster.")]


@app.command()
def declare(
    who: Who,
    address: Annotated[str, typer.Option(help="The donor’s home address, without the postcode.")],
    postcode: Annotated[str, typer.Option(help="Its postcode.")],
    from_: Annotated[
        str, typer.Option("--from", help="The first day that it covers, up to four years ago; today without.")
    ] = "",
    slug: Org = "",
) -> None:
    """Keep a donor’s declaration: tax is claimed back on what they give."""
    from paidthru.actions.declare_gift_aid import declare_gift_aid

    at = desk(slug)
    made = declare_gift_aid(
        at.organization,
        member(at, who).id,
        address=address,
        postcode=postcode,
        from_on=day(from_, "from") if from_ else None,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{made.donor} has declared: {made.statement}")


@app.command()
def withdraw(who: Who, slug: Org = "") -> None:
    """End a donor’s declaration from today on."""
    from paidthru.actions.declare_gift_aid import withdraw_gift_aid

    at = desk(slug)
    ended = withdraw_gift_aid(at.organization, member(at, who).id, actor=me(), now=at.clock.now())
    say(f"The declaration of {ended.donor} ends on {ended.until_on}.")


@app.command()
def claim(
    yes: Annotated[
        bool, typer.Option("--yes", help="Write the claim; without it, only what it would be.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """What Gift Aid is claimed on next, and with --yes the claim."""
    from paidthru.actions.claim_gift_aid import claim_gift_aid
    from paidthru.giving.queries.gift_aid import gift_aid_to_claim

    at = desk(slug)
    found = gift_aid_to_claim(at.organization.id)
    rows = [
        {
            "receipt": one.number,
            "donor": one.donor,
            "given": one.given_on,
            "amount": amount(one.amount_minor, "GBP"),
            "tax": amount(sign * one.tax_minor, "GBP"),
        }
        for sign, lines in ((1, found.new), (-1, found.back))
        for one in lines
    ]
    if as_json:
        say_json(rows)
    else:
        table(
            ["Receipt", "Donor", "Given on", "Amount", "Tax"],
            [[one["receipt"], one["donor"], one["given"], one["amount"], one["tax"]] for one in rows],
            right=["Receipt", "Amount", "Tax"],
        )
    if yes:
        made = claim_gift_aid(at.organization, tax_minor=found.tax_minor, actor=me(), now=at.clock.now())
        say(
            f"Claim {made.number}: {amount(made.tax_minor, 'GBP')} GBP on {many(len(found.new), 'donation')}."
        )


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The declarations, in force and withdrawn."""
    from paidthru.giving.queries.gift_aid import declarations_of

    rows = [
        {"donor": one.donor, "postcode": one.postcode, "from": one.from_on, "until": one.until_on}
        for one in declarations_of(desk(slug).organization.id)
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Donor", "Postcode", "From", "Until"],
        [[one["donor"], one["postcode"], one["from"], one["until"] or ""] for one in rows],
    )
