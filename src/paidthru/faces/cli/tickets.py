"""`paidthru event`: what one buys a ticket for, who has one, and who is in."""

from typing import Annotated

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, day, desk, me, member, price, say, say_json, table

app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The event's name.")]
MEANS = ("on_file", "account", "check", "cash", "transfer", "terminal")


@app.command()
def add(
    name: Name,
    price_: Annotated[str, typer.Argument(metavar="PRICE", help="What a ticket costs; 0 is a free event.")],
    places: Annotated[int, typer.Argument(help="How many there are.")],
    on: Annotated[str, typer.Option("--on", help="Its day.")] = "",
    place: Annotated[str, typer.Option(help="Where it is.")] = "",
    from_: Annotated[str, typer.Option("--from", help="The first day of the sale; at once without.")] = "",
    until: Annotated[str, typer.Option(help="The last day of the sale; the event's own without.")] = "",
    hold: Annotated[int, typer.Option(help="For how many minutes a place is held that isn't paid yet.")] = 15,
    in_: Annotated[str, typer.Option("--currency", help="Another currency than the organization's.")] = "",
    slug: Org = "",
) -> None:
    """Add an event with tickets."""
    from paidthru.actions.add_event import add_event

    at = desk(slug)
    currency = in_.upper() or at.organization.currency
    made = add_event(
        at.organization,
        name,
        price_minor=price(price_, currency),
        currency=currency,
        capacity=places,
        starts_on=day(on, "on") if on else None,
        place=place,
        sale_from=day(from_, "from") if from_ else None,
        sale_until=day(until, "until") if until else None,
        hold_minutes=hold,
        actor=me(),
        now=at.clock.now(),
    )
    say(f"{made.name} is there, with {made.capacity} places.")


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The events, and how many tickets are sold and left."""
    from paidthru.ticketing.queries import Seats, events_of, seats_of

    at = desk(slug)
    found = list(events_of(at.organization.id))
    seats = seats_of(one.id for one in found)
    rows = []
    for one in found:
        its = seats.get(one.id, Seats())
        rows.append(
            {
                "event": one.name,
                "on": one.starts_on,
                "price": amount(one.price_minor, one.currency),
                "currency": one.currency,
                "sold": its.sold,
                "held": its.held,
                "left": one.capacity - its.sold - its.held,
                "inside": its.checked_in,
            }
        )
    if as_json:
        say_json(rows)
        return
    table(
        ["Event", "On", "Price", "Sold", "Held", "Left", "Inside"],
        [
            [one["event"], one["on"] or "", f"{one['price']} {one['currency']}", one["sold"], one["held"],
             one["left"], one["inside"]]
            for one in rows
        ],
        right=["Price", "Sold", "Held", "Left", "Inside"],
    )  # fmt: skip


@app.command()
def sell(
    name: Name,
    who: Annotated[str, typer.Argument(help="The buyer: name, number or id in the roster.")],
    count: Annotated[int, typer.Option(help="How many tickets.")] = 1,
    by: Annotated[
        str, typer.Option(help="on_file to charge, account for an invoice, check, cash, transfer, terminal.")
    ] = "account",
    slug: Org = "",
) -> None:
    """Sell tickets, if there are so many left."""
    from paidthru.kernel.errors import Refused
    from paidthru.runs.tickets import buy
    from paidthru.ticketing.queries import event_named

    at = desk(slug)
    if by not in MEANS:
        raise Refused(
            "means_unknown",
            f"“{by}” isn't a way in which a ticket is paid for.",
            field="by",
            value=by,
            fix=f"Choose one of: {', '.join(MEANS)}.",
        )
    event, buyer = event_named(at.organization.id, name), member(at, who)
    order = buy(at, event.id, buyer.id, count, by=by, channel="staff", actor=me())  # type: ignore[arg-type]
    if order.tickets.filter(state="lapsed").exists():
        say("The bank declined it. No ticket was sold.")
        raise typer.Exit(1)
    codes = ", ".join(order.tickets.order_by("id").values_list("code", flat=True))
    say(f"{buyer.name} has {count} for {event.name}: {codes}.")


@app.command()
def tickets(name: Name, slug: Org = "", as_json: AsJson = False) -> None:
    """The list at the door: who has a ticket, and who is in."""
    from paidthru.ticketing.queries import event_named, tickets_of

    at = desk(slug)
    rows = [
        {"holder": one.order.party.name, "code": one.code, "state": one.state, "in_since": one.checked_in_at}
        for one in tickets_of(event_named(at.organization.id, name).id)
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Holder", "Code", "State", "In since"],
        [[one["holder"], one["code"], one["state"], one["in_since"] or ""] for one in rows],
    )


@app.command()
def refund(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="Tickets of one order.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    slug: Org = "",
) -> None:
    """Take tickets back: their places are free, and what was paid for them goes back the way it came."""
    from paidthru.runs.tickets import refund_tickets
    from paidthru.ticketing.queries import tickets_coded

    at = desk(slug)
    found = tickets_coded(at.organization.id, codes)
    given = refund_tickets(at, found, reason=reason, actor=me())
    event = found[0].event
    back = (
        f"{amount(given, event.currency)} {event.currency} goes back" if given else "nothing was paid for it"
    )
    say(f"Given back for {event.name}: {len(found)}; {back}.")


@app.command()
def close(name: Name, slug: Org = "") -> None:
    """Sell no more tickets for an event; those that there are stay good."""
    from paidthru.actions.close_event import close_event
    from paidthru.ticketing.queries import event_named

    at = desk(slug)
    event = event_named(at.organization.id, name)
    close_event(at.organization, event.id, actor=me(), now=at.clock.now())
    say(f"No more tickets are sold for {event.name}.")


@app.command("check-in")
def check_in(
    code: Annotated[str, typer.Argument(help="The ticket's code.")],
    slug: Org = "",
) -> None:
    """Let somebody with a ticket in, once."""
    from paidthru.actions.check_in import check_in as let_in

    at = desk(slug)
    ticket = let_in(at.organization, code, actor=me(), now=at.clock.now())
    say(f"{ticket.order.party.name} is in.")
