"""`paidthru household`: households and companies, who belongs to them, and who is covered."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, member, plan, say, say_json, table
from paidthru.kernel.errors import Refused

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The person: name, number or id in the roster.")]
Group = Annotated[str, typer.Argument(help="The household or company.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name.")],
    company: Annotated[bool, typer.Option("--company", help="A company or another organization.")] = False,
    email: Annotated[str, typer.Option(help="Where bills of its membership go.")] = "",
    slug: Org = "",
) -> None:
    """Add a household or company; it joins a plan as anybody does."""
    from paidthru.actions.add_party import add_party
    from paidthru.kernel.texts import checked_email, checked_name
    from paidthru.people.operations import PartyDraft

    at = desk(slug)
    draft = PartyDraft(
        checked_name(name, field="name", most=200),
        "organization" if company else "household",
        email=checked_email(email) if email else "",
    )
    add_party(at.organization, draft, actor=me(), now=at.clock.now())
    say(f"{draft.name} is there.")


@app.command("take-in")
def take_in_(
    who: Who,
    group: Group,
    from_: Annotated[str, typer.Option("--from", help="The first day; today without.")] = "",
    role: Annotated[str, typer.Option(help="Such as child, or front desk.")] = "",
    slug: Org = "",
) -> None:
    """Somebody belongs to a household or company from a day on."""
    from paidthru.actions.take_in import take_in

    at = desk(slug)
    stay = take_in(
        at.organization,
        member(at, who).id,
        member(at, group).id,
        from_on=day(from_, "from") if from_ else at.today,
        role=role,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{stay.party.name} belongs to {stay.group.name} from {stay.from_on} on.")


@app.command("let-go")
def let_go_(
    who: Who,
    group: Group,
    on: Annotated[str, typer.Option(help="The first day on which they don't belong; today without.")] = "",
    slug: Org = "",
) -> None:
    """Somebody belongs to a household or company no longer; their seat is free."""
    from paidthru.actions.let_go import let_go
    from paidthru.people.queries import belongings_of

    at = desk(slug)
    person, found = member(at, who), member(at, group)
    stays = belongings_of(at.organization.id).filter(party=person, group=found)
    latest = stays.order_by("from_on").last()
    if latest is None:
        raise Refused("belonging_unknown", f"{person.name} never belonged to {found.name}.", field="who",
                      value=who, fix="`paidthru household list` shows who does.")  # fmt: skip
    stay = let_go(
        at.organization,
        latest.id,
        until_on=day(on, "on") if on else at.today,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{stay.party.name} belongs to {stay.group.name} no longer from {stay.until_on} on.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """Who belongs to which household or company today, and what covers them."""
    from paidthru.membership.queries.covering import covered_people
    from paidthru.organizations.queries import policies_of
    from paidthru.people.queries import belongings_of

    at = desk(slug)
    covered = covered_people(at.organization.id, policies_of(at.organization), at.today)
    rows = []
    for stay in belongings_of(at.organization.id, on=at.today):
        by = covered.get((stay.group_id, stay.party_id))
        rows.append(
            {
                "group": stay.group.name,
                "person": stay.party.name,
                "role": stay.role,
                "from": stay.from_on.isoformat(),
                "until": stay.until_on.isoformat() if stay.until_on else "",
                "covered_by": by.plan.name if by else "",
            }
        )
    if as_json:
        say_json(rows)
    elif rows:
        table(
            ["Household or company", "Person", "Role", "From", "Until", "Covered by"],
            [tuple(row.values()) for row in rows],
        )
    else:
        say("Nobody belongs to a household or company.")


@app.command()
def covered(
    who: Who,
    on: Annotated[str, typer.Option(help="The day; today without.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Is somebody covered, and by whose membership?"""
    from paidthru.membership.queries.covering import covers_of
    from paidthru.organizations.queries import policies_of

    at = desk(slug)
    person, asked = member(at, who), day(on, "on") if on else at.today
    rows = [
        {
            "holder": one.membership.party.name,
            "plan": one.membership.plan.name,
            "access": one.opens.access,
            "why": one.opens.why,
        }
        for one in covers_of(at.organization.id, person.id, policies_of(at.organization), asked)
    ]
    if as_json:
        say_json(rows)
    elif rows:
        table(["Holder", "Plan", "Access", "Why"], [tuple(row.values()) for row in rows])
    else:
        say(f"Nothing covers {person.name} on {asked}.")


@app.command()
def payer(
    who: Who,
    by: Annotated[str, typer.Argument(help="Who pays from now on; leave it out for the member.")] = "",
    autopay: Annotated[
        bool, typer.Option("--autopay", help="They agreed to be charged by themselves.")
    ] = False,
    why: Annotated[str, typer.Option(help="Kept with it.")] = "",
    slug: Org = "",
) -> None:
    """Say who pays for somebody's membership; what was billed stays with whoever was asked."""
    from paidthru.actions.set_payer import set_payer

    at = desk(slug)
    person, pays = member(at, who), member(at, by) if by else None
    after = set_payer(
        at.organization,
        person.id,
        pays.id if pays else None,
        autopay=autopay and pays is not None,
        actor=me(),
        now=at.clock.now(),
        why=why,
    )
    say(f"{after.payer.name if after.payer else person.name} pays for {person.name} from now on.")


@app.command()
def seats(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="The plan.")],
    number: Annotated[int | None, typer.Argument(help="How many people; leave it out for all.")] = None,
    slug: Org = "",
) -> None:
    """Say how many people a plan covers when a household or company holds it."""
    from paidthru.actions.set_seats import set_seats

    at = desk(slug)
    found = set_seats(at.organization, plan(at, name).id, number, actor=me(), now=at.clock.now())
    say(f"Seats of {found.name}: {found.seats or 'as many as belong'}.")
