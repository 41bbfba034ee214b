"""`paidthru pledge` and `paidthru receipt`: what is promised, and tax receipts of what was given."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidthru.faces.cli.shell import (
    AsJson,
    Org,
    amount,
    day,
    desk,
    many,
    me,
    member,
    price,
    say,
    say_json,
    table,
)
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.documents.queries import Document
    from paidthru.giving.models import Pledge
    from paidthru.kernel.periods import Interval
    from paidthru.runs import Desk

pledge = typer.Typer(no_args_is_help=True)
receipt = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The donor: name, number or id in the roster.")]
Which = Annotated[int, typer.Option("--nth", help="Which of their pledges, the newest is 1.")]
Every = Annotated[str, typer.Option(help="month, quarter or year.")]
AsBefore = Annotated[str, typer.Option("--every", help="month, quarter or year; as before without.")]
Why = Annotated[str, typer.Option(help="Why, in a sentence; the timeline keeps it.")]
Number = Annotated[str, typer.Argument(help="The tax receipt's number.")]
Out = Annotated[
    Path | None, typer.Option(help="Where to write it; else a file of its own name here.", metavar="FILE")
]


def _interval(every: str) -> "Interval":
    from paidthru.kernel.periods import Interval, Unit

    known = {"month": Unit.MONTH, "quarter": Unit.QUARTER, "year": Unit.YEAR}
    if every not in known:
        raise Refused(
            "interval_unknown", f"“{every}” is no interval of a pledge.", field="every", value=every,
            fix="Choose month, quarter or year.",
        )  # fmt: skip
    return Interval(1, known[every])


def _found(at: "Desk", who: str, nth: int) -> "Pledge":
    from paidthru.giving.queries import pledges_of

    donor = member(at, who)
    theirs = list(pledges_of(at.organization.id).filter(party_id=donor.id))
    if not 1 <= nth <= len(theirs):
        raise Refused(
            "pledge_unknown", f"{donor.name} has no such pledge.", field="nth", value=nth,
            fix="paidthru pledge list shows them.",
        )  # fmt: skip
    return theirs[nth - 1]


@pledge.command()
def add(
    who: Who,
    amount_: Annotated[str, typer.Argument(metavar="AMOUNT", help="What is promised in all.")],
    instalments: Annotated[int, typer.Option(help="In how many.")] = 12,
    every: Every = "month",
    from_: Annotated[str, typer.Option("--from", help="When the first is due; today without.")] = "",
    to: Annotated[str, typer.Option(help="The campaign; none without.")] = "",
    slug: Org = "",
) -> None:
    """Enter a pledge: an amount in equal instalments, each billed on its date."""
    from paidthru.actions.pledge import Promise
    from paidthru.actions.pledge import pledge as promise
    from paidthru.giving.queries import campaign_named

    at = desk(slug)
    campaign = campaign_named(at.organization.id, to) if to else None
    currency = campaign.currency if campaign else at.organization.currency
    donor = member(at, who)
    what = Promise(
        price(amount_, currency, "amount"),
        currency,
        instalments,
        _interval(every),
        day(from_, "from") if from_ else at.today,
    )
    made = promise(at.organization, donor.id, what, campaign=campaign, actor=me(), now=at.clock.now())
    say(f"{donor.name} promises {amount(made.amount_minor, currency)} {currency}.")


@pledge.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """The pledges, the newest first, and how much of each is fulfilled."""
    from paidthru.giving.queries import fulfilled, parts_of, pledges_of
    from paidthru.giving.rules.campaigns import percent_of

    at = desk(slug)
    found = list(pledges_of(at.organization.id))
    paid, parts = fulfilled(one.id for one in found), parts_of(one.id for one in found)
    rows = []
    for one in found:
        promised, has = one.amount_minor - one.written_down_minor, paid.get(one.id, 0)
        rows.append(
            {
                "number": one.party.number,
                "donor": one.party.name,
                "made": one.made_on,
                "campaign": one.campaign.name if one.campaign else "",
                "promised": amount(promised, one.currency),
                "paid": amount(has, one.currency),
                "currency": one.currency,
                "percent": percent_of(has, promised) if promised else 100,
                "next": next(
                    (part.due_on for part in parts.get(one.id, []) if part.invoice_id is None), None
                ),
            }
        )
    if as_json:
        say_json(rows)
        return
    table(
        ["Number", "Donor", "Made on", "Promised", "Paid", "Fulfilled", "Next"],
        [
            [
                one["number"],
                one["donor"],
                one["made"],
                f"{one['promised']} {one['currency']}",
                one["paid"],
                f"{one['percent']}%",
                one["next"] or "",
            ]
            for one in rows
        ],
        right=["Number", "Promised", "Paid", "Fulfilled"],
    )


@pledge.command()
def show(who: Who, nth: Which = 1, slug: Org = "", as_json: AsJson = False) -> None:
    """A pledge's instalments, and what of each is paid."""
    from paidthru.giving.queries import paid_of_parts, parts_of

    at = desk(slug)
    one = _found(at, who, nth)
    paid = paid_of_parts(one.id)
    rows = [
        {
            "n": part.n,
            "due": part.due_on,
            "amount": amount(part.amount_minor, one.currency),
            "paid": amount(paid.get(part.id, 0), one.currency),
            "currency": one.currency,
            "invoice": part.invoice.label if part.invoice else "",
        }
        for part in parts_of([one.id]).get(one.id, [])
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Instalment", "Due on", "Amount", "Paid", "Invoice"],
        [[one_["n"], one_["due"], one_["amount"], one_["paid"], one_["invoice"]] for one_ in rows],
        right=["Instalment", "Amount", "Paid"],
    )


@pledge.command()
def redate(
    who: Who,
    from_: Annotated[str, typer.Option("--from", help="When the first is due.")],
    why: Why,
    instalments: Annotated[int, typer.Option(help="In how many; as many as are left without.")] = 0,
    every: AsBefore = "",
    nth: Which = 1,
    slug: Org = "",
) -> None:
    """Ask for what isn't billed of a pledge on other days."""
    at = desk(slug)
    one = _found(at, who, nth)
    left_minor, count = _left(one)
    _change(at, one, left_minor, instalments or count, every, from_, why)


@pledge.command("write-down")
def write_down(
    who: Who,
    amount_: Annotated[str, typer.Argument(metavar="AMOUNT", help="What is given up of what isn't billed.")],
    why: Why,
    from_: Annotated[str, typer.Option("--from", help="When the first of the rest is due.")],
    instalments: Annotated[int, typer.Option(help="In how many; as many as are left without.")] = 0,
    every: AsBefore = "",
    nth: Which = 1,
    slug: Org = "",
) -> None:
    """Ask for less of a pledge; what was billed stays."""
    at = desk(slug)
    one = _found(at, who, nth)
    left_minor, count = _left(one)
    given_up = price(amount_, one.currency, "amount")
    _change(at, one, left_minor - given_up, instalments or count, every, from_, why)


@pledge.command()
def cancel(who: Who, why: Why, nth: Which = 1, slug: Org = "") -> None:
    """Ask for nothing more of a pledge; what was billed stays."""
    at = desk(slug)
    _change(at, _found(at, who, nth), 0, 1, "month", at.today.isoformat(), why)


def _left(one: "Pledge") -> tuple[int, int]:
    """What isn't billed, and in how many instalments it stands."""
    from paidthru.giving.queries import parts_of

    left = [part for part in parts_of([one.id]).get(one.id, []) if part.invoice_id is None]
    return sum(part.amount_minor for part in left), max(len(left), 1)


def _change(
    at: "Desk", one: "Pledge", left_minor: int, instalments: int, every: str, from_: str, why: str
) -> None:
    from paidthru.actions.change_pledge import change_pledge
    from paidthru.giving.queries import parts_of
    from paidthru.kernel.instalments import spacing_of

    known = [part.due_on for part in parts_of([one.id]).get(one.id, [])]
    change_pledge(
        at.organization,
        one.id,
        left_minor=left_minor,
        instalments=instalments,
        every=_interval(every or spacing_of(known).value),
        first_on=day(from_, "from"),
        reason=why,
        actor=me(),
        now=at.clock.now(),
    )
    left = [part for part in parts_of([one.id]).get(one.id, []) if part.invoice_id is None]
    days = ", ".join(f"{amount(part.amount_minor, one.currency)} on {part.due_on}" for part in left[:6])
    more = f" and {len(left) - 6} more" if len(left) > 6 else ""
    say(
        f"{amount(left_minor, one.currency)} {one.currency} of it are left to bill{': ' if days else ''}{days}{more}."
    )


@receipt.command("list")
def receipts(slug: Org = "", as_json: AsJson = False) -> None:
    """The tax receipts, valid and void, the newest first."""
    from paidthru.giving.queries import all_receipts_of

    rows = [
        {
            "number": one.number,
            "donor": one.donor,
            "given": one.given_on,
            "issued": one.issued_on,
            "amount": amount(one.amount_minor, one.currency),
            "currency": one.currency,
            "state": one.state,
            "replaces": one.replaces.number if one.replaces else None,
        }
        for one in all_receipts_of(desk(slug).organization.id)
    ]
    if as_json:
        say_json(rows)
        return
    table(
        ["Number", "Donor", "Given on", "Amount", "State"],
        [
            [one["number"], one["donor"], one["given"], f"{one['amount']} {one['currency']}", one["state"]]
            for one in rows
        ],
        right=["Number", "Amount"],
    )


@receipt.command()
def void(number: Number, why: Why, slug: Org = "") -> None:
    """Void a tax receipt: none takes its place until one is issued with `replace`."""
    from paidthru.actions.void_tax_receipt import void_tax_receipt
    from paidthru.giving.queries import receipt_numbered

    at = desk(slug)
    one = receipt_numbered(at.organization.id, number)
    void_tax_receipt(at.organization, one.id, reason=why, actor=me(), now=at.clock.now())
    say(f"Tax receipt {one.number} is void.")


@receipt.command()
def replace(number: Number, why: Why, slug: Org = "") -> None:
    """Put another tax receipt, with the name and address of today, in the place of one, and mail it."""
    from paidthru.actions.replace_tax_receipt import replace_tax_receipt
    from paidthru.giving.queries import receipt_numbered

    at = desk(slug)
    one = receipt_numbered(at.organization.id, number)
    made = replace_tax_receipt(at.organization, one.id, reason=why, actor=me(), now=at.clock.now())
    say(f"Tax receipt {made.number} takes the place of {one.number}.")


@receipt.command()
def pdf(
    number: Number,
    out: Out = None,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Marked as a copy.")] = False,
    slug: Org = "",
) -> None:
    """Write a tax receipt as PDF/A."""
    from paidthru.documents.queries import tax_receipt_document
    from paidthru.giving.queries import receipt_numbered

    organization = desk(slug).organization
    one = receipt_numbered(organization.id, number)
    _written(tax_receipt_document(organization, one, duplicate=duplicate), out)


@receipt.command()
def year(
    who: Who, year_: Annotated[int, typer.Argument(metavar="YEAR")], out: Out = None, slug: Org = ""
) -> None:
    """Write what a donor gave in a calendar year as PDF/A, by their valid tax receipts."""
    from paidthru.documents.queries import given_year_document
    from paidthru.giving.queries import receipts_in

    at = desk(slug)
    donor = member(at, who)
    found = list(receipts_in(at.organization.id, year_, donor.id)) if 1 <= year_ <= 9999 else []
    if not found:
        raise Refused(
            "nothing_received", f"{donor.name} has no valid tax receipt of {year_}.", field="year", value=year_,
            fix="paidthru receipt list shows them.",
        )  # fmt: skip
    now = at.clock.now()
    _written(given_year_document(at.organization, donor, year_, found, today=at.today, now=now), out)


@receipt.command()
def mail(
    year_: Annotated[int, typer.Argument(metavar="YEAR")],
    preview: Annotated[bool, typer.Option("--preview", help="Only say to how many.")] = False,
    slug: Org = "",
) -> None:
    """Mail every donor what they gave in a calendar year, each once."""
    from paidthru.actions.mail_given_year import mail_given_year
    from paidthru.giving.queries import donors_in

    at = desk(slug)
    if preview:
        say(f"{many(len(donors_in(at.organization.id, year_)), 'donor')} would be mailed.")
        return
    told = mail_given_year(at.organization, year_, actor=me(), now=at.clock.now())
    say(f"{many(len(told), 'donor')} {'is' if len(told) == 1 else 'are'} mailed what they gave in {year_}.")


def _written(document: "Document", out: Path | None) -> None:
    from paidthru.wiring import printer

    path = out or Path(document.file_name)
    try:
        path.write_bytes(printer().pdf(document.sheet))
    except OSError as error:
        raise Refused(
            "file_not_writable", f"{path} can't be written: {error.strerror}.", field="out", value=str(path),
            fix="Name another place with --out.",
        ) from error  # fmt: skip
    say(f"Written: {path}")
