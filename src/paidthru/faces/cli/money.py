"""`paidthru payment`, `paidthru credit`, `paidthru unpaid`: money placed by hand, and what is owed by its age."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from paidthru.faces.cli.shell import (
    AsJson,
    Org,
    amount,
    day,
    desk,
    me,
    member,
    pairs,
    price,
    say,
    say_json,
    table,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.invoicing.models import Invoice
    from paidthru.invoicing.queries import Aged
    from paidthru.people.models import Party
    from paidthru.runs import Desk

payment = typer.Typer(no_args_is_help=True)
credit = typer.Typer(no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="MEMBER", help="An exact name, an id in the roster, or #number.")]
Parts = Annotated[
    list[str] | None,
    typer.Option("--part", metavar="INVOICE=AMOUNT", help="So much of it for an invoice; once for each."),
]
Key = Annotated[str, typer.Option(help="The same key again does it once.")]


@payment.command()
def record(
    who: Who,
    amount_: Annotated[str, typer.Option("--amount", help="What came.")],
    means: Annotated[str, typer.Option(help="check, cash, transfer or terminal.")],
    part: Parts = None,
    on_account: Annotated[
        bool, typer.Option("--on-account", help="It pays nothing yet: all of it is credit.")
    ] = False,
    received_on: Annotated[
        str, typer.Option(help="The day the money came; today without it.", metavar="DATE")
    ] = "",
    currency: Annotated[str, typer.Option(help="Another currency than that of the invoices.")] = "",
    reference: Annotated[
        str, typer.Option(help="A check's number, or what stands on the bank's statement.")
    ] = "",
    key: Key = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Record a sum of money for several invoices, each the amount that is said; the rest of it is credit. Without parts
    it pays what is owed, in the organization's order."""
    from paidthru.actions.record_payment import record_payment

    at = desk(slug)
    party = member(at, who)
    if part and on_account:
        raise Refused("option_unreadable", "Money on account pays no invoice.", field="part",
                      fix="Use --part or --on-account.")  # fmt: skip
    parts, in_ = _parts(at, part or ())
    in_ = currency.upper() or in_ or at.organization.currency
    made = record_payment(
        at.organization,
        party.id,
        amount_minor=price(amount_, in_, "amount"),
        currency=in_,
        means=means,
        actor=me(),
        now=at.clock.now(),
        key=f"cli:{key}" if key else None,
        received_on=day(received_on, "received_on") if received_on else None,
        parts=parts if part or on_account else None,
        reference=reference,
    )
    what = f"Payment {made.number}: {amount(made.amount_minor, in_)} {in_} from {party.name} ({means})."
    _stands(party, in_, as_json, what, payment=made.number, amount=plain(made.amount_minor, in_))


@payment.command()
def unapply(
    number: Annotated[int, typer.Argument(metavar="PAYMENT", help="The payment's number.")],
    invoice: Annotated[
        list[str] | None, typer.Option(help="Only what it pays of this invoice; once for each.")
    ] = None,
    because: Annotated[str, typer.Option("--because", help="The reason, for the record.")] = "",
    key: Key = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Take what a payment pays off its invoices again: they are owed, and the money stands as credit."""
    from paidthru.actions.unapply_payment import unapply_payment
    from paidthru.payments.queries import payment_numbered

    at = desk(slug)
    found = payment_numbered(at.organization.id, number)
    if found is None:
        raise Refused("payment_unknown", f"There is no payment {number}.", field="payment", value=number,
                      fix="The member's page in the console shows their payments.")  # fmt: skip
    taken = unapply_payment(
        at.organization,
        found.id,
        actor=me(),
        now=at.clock.now(),
        invoice_ids=[_invoice(at, one).id for one in invoice] if invoice else None,
        why=because,
        key=f"cli:{key}" if key else None,
    )
    _stands(taken.party, taken.currency, as_json, f"Payment {number} is taken off.", payment=number)


@credit.command()
def apply(
    who: Who,
    part: Parts = None,
    key: Key = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Pay invoices of a member from their credit, each the amount that is said for it."""
    from paidthru.actions.apply_credit import apply_credit

    at = desk(slug)
    party = member(at, who)
    parts, in_ = _parts(at, part or ())
    apply_credit(
        at.organization, party.id, parts, actor=me(), now=at.clock.now(), key=f"cli:{key}" if key else None
    )
    paid = sum(parts.values())
    what = f"{amount(paid, in_)} {in_} of {party.name}'s credit is used."
    _stands(party, in_, as_json, what, amount=plain(paid, in_))


def unpaid(
    currency: Annotated[str, typer.Option(help="Only what is owed in this currency.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Who owes what, by the days since it was due; every currency for itself."""
    from paidthru.invoicing.queries import unpaid_by_age

    at = desk(slug)
    found = list(unpaid_by_age(at.organization.id, at.today, currency=currency.upper() or None))
    names = ("not due", "1-30", "31-60", "61-90", "over 90")
    if as_json:
        say_json(
            {
                "today": at.today.isoformat(),
                "unpaid": [
                    {"member": one.name, "number": one.number, "currency": one.currency}
                    | {name: plain(part, one.currency) for name, part in zip(names, one.ages, strict=True)}
                    | {"total": plain(one.total_minor, one.currency)}
                    for one in found
                ],
            }
        )
        return
    rows: list[Sequence[object]] = []
    for in_ in sorted({one.currency for one in found}):
        owing = [one for one in found if one.currency == in_]
        columns = [[*one.ages, one.total_minor] for one in owing]
        rows += [
            (one.name, in_, *(amount(each, in_) if each else "" for each in minor))
            for one, minor in zip(owing, columns, strict=True)
        ]
        sums = [sum(column) for column in zip(*columns, strict=True)]
        rows.append(("Together", in_, *(amount(each, in_) if each else "" for each in sums)))
    if rows:
        headers = ("Member", "", *(name.capitalize() for name in names), "Total")
        table(headers, rows, right=headers[2:])
        _together(at, found)
    else:
        say("Nothing is owed.")


def _together(at: "Desk", found: "Sequence[Aged]") -> None:
    """What several currencies come to in the organization's, by which rates (A-38)."""
    from paidthru.organizations.queries import rates_by
    from paidthru.organizations.rules.rates import equivalent

    own, sums = at.organization.currency, Counter[str]()
    for one in found:
        sums[one.currency] += one.total_minor
    if set(sums) <= {own}:
        return
    worth = equivalent(sums, rates_by(at.organization.id, at.today), own)
    if worth.money is None:
        say(
            f"Together in {own}: there is no rate of {', '.join(worth.missing)}; enter it with `paidthru rate add`."
        )
        return
    rates = ", ".join(
        f"{one.currency} at {one.figure} of {one.valid_on} ({one.source})" for one in worth.rates
    )
    say(f"Together in {own}: {amount(worth.money.amount_minor, own)}, with {rates}.")


def _parts(at: "Desk", given: Sequence[str]) -> tuple[dict[UUID, int], str]:
    """What is said for each invoice (minor units), and the currency of them."""
    parts: dict[UUID, int] = {}
    in_ = ""
    for number, text in pairs(given, "--part").items():
        found = _invoice(at, number)
        in_ = in_ or found.currency
        parts[found.id] = price(text, found.currency, "part")
    return parts, in_


def _invoice(at: "Desk", number: str) -> "Invoice":
    from paidthru.invoicing.queries import invoice_called

    found = invoice_called(at.organization.id, number)
    if found is None:
        raise Refused("invoice_unknown", f"There is no invoice {number}.", field="invoice", value=number,
                      fix="The member's page in the console shows their invoices.")  # fmt: skip
    return found


def _stands(party: "Party", in_: str, as_json: bool, what: str, **facts: object) -> None:
    """What was done, and what is owed and credit now."""
    from paidthru.invoicing.queries import owed_by
    from paidthru.payments.queries import credit_of

    owed, left = owed_by(party.id).get(in_, 0), credit_of(party.id).get(in_, 0)
    if as_json:
        say_json(
            {
                **facts,
                "member": party.name,
                "currency": in_,
                "owed": plain(owed, in_),
                "credit": plain(left, in_),
            }
        )
    else:
        say(f"{what} Still owed: {amount(owed, in_)}; credit: {amount(left, in_)}.")
