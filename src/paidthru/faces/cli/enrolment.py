"""`paidthru member`: somebody joins, and money that came outside a gateway is recorded."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, amount, day, desk, me, member, plan, price, say, say_json
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.actions.join import Joined
    from paidthru.people.models import Party
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)

Who = Annotated[
    str, typer.Argument(metavar="MEMBER", help="The exact name, the id in the roster, or the number as #12.")
]


@app.command()
def join(
    who: Who,
    plan_name: Annotated[str, typer.Option("--plan", help="The plan's name.")],
    starting: Annotated[
        str, typer.Option(help="The date that billing cycles start; today without it.", metavar="DATE")
    ] = "",
    current_cycle_paid: Annotated[
        bool, typer.Option("--current-cycle-paid", help="The first cycle counts as paid; nothing is billed.")
    ] = False,
    prorated: Annotated[
        bool, typer.Option("--prorated", help="By months, where nothing else is set; annual terms only.")
    ] = False,
    autopay: Annotated[bool, typer.Option("--autopay", help="Collect what is due from now on.")] = False,
    renew: Annotated[
        bool | None,
        typer.Option(
            "--renew/--anew", help="A former member still marked active: by rejoin.mode, unless said."
        ),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Add the person, whom nobody here is yet.")] = False,
    email: Annotated[str, typer.Option(help="A new person's e-mail address.")] = "",
    type_: Annotated[str, typer.Option("--type", help="A new person's customer type.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="A date in the past is meant.")] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Let a person take up a plan, and bill the first term."""
    from django.db import transaction

    from paidthru.actions.join import join as act

    at = desk(slug)
    joined_plan = plan(at, plan_name)
    starting_on = day(starting, "starting") if starting else None
    if starting_on is not None and starting_on < at.today and not yes:
        raise Refused("past_date", f"{starting_on} is in the past: what it begins is billed at once.",
                      field="starting", value=starting, fix="Say that it is meant with --yes.")  # fmt: skip
    with transaction.atomic():  # who can't join isn't added either
        party = _added(at, who, email, type_) if new else member(at, who)
        if not new and (email or type_):
            raise Refused("member_known", f"{party.name} is here already, and isn't changed by joining.",
                          field="email" if email else "type", value=email or type_,
                          fix="Leave out --email and --type.")  # fmt: skip
        joined = act(at.organization, party.id, joined_plan.id, actor=me(), now=at.clock.now(),
                     starting_on=starting_on, autopay=autopay, current_cycle_paid=current_cycle_paid,
                     prorated=prorated, renews=renew, confirmed=True)  # fmt: skip
    found = _facts(at, party, joined)
    if as_json:
        say_json(found)
        return
    say(f"{party.name} (#{party.number}) is on {joined_plan.name}: {_billed(found)}")
    if found["warning"]:
        say(found["warning"], style="yellow")


def _added(at: "Desk", name: str, email: str, type_: str) -> "Party":
    from paidthru.actions.add_party import add_party
    from paidthru.people.models import Party
    from paidthru.people.operations import PartyDraft
    from paidthru.people.queries import party_named

    known = party_named(at.organization.id, name.strip())
    if known is not None:
        raise Refused("member_known", f"{known.name} is here already: #{known.number}.", field="member",
                      value=name, fix="Leave out --new; or, if these are two, tell them apart by name.")  # fmt: skip
    draft = PartyDraft(name=name.strip(), email=email.strip(), customer_type=type_.strip())
    return Party.objects.get(id=add_party(at.organization, draft, actor=me(), now=at.clock.now()))


def _facts(at: "Desk", party: "Party", joined: "Joined") -> dict[str, Any]:
    """What joining came to: the term, the invoice, and what will happen next."""
    from paidthru.invoicing.models import Invoice
    from paidthru.membership.models import Membership
    from paidthru.membership.queries import newest_term
    from paidthru.organizations.queries import policies_of
    from paidthru.payments.queries import active_method

    membership = Membership.objects.select_related("plan").get(id=joined.membership_id)
    term = newest_term(membership.id)
    invoice = Invoice.objects.filter(id=joined.invoice_id).first() if joined.invoice_id else None
    by_itself = (
        membership.plan.kind == "subscription"
        and policies_of(at.organization).word("billing.trigger") == "auto"
    )
    warning = ""
    if by_itself and active_method(party.id) is None:
        warning = (
            f"{membership.plan.name} renews by itself, and {party.name} has no payment method to renew with."
        )
    return {
        "member": party.name, "number": party.number, "plan": membership.plan.name, "state": membership.state,
        "start": term.start_on if term else None, "end": term.end_on if term else None,
        "invoice": invoice.named if invoice else None,
        "amount": plain(invoice.total_minor, invoice.currency) if invoice else None,
        "balance": plain(invoice.balance_minor, invoice.currency) if invoice else None,
        "currency": membership.plan.currency, "due": invoice.due_on if invoice else None,
        "paid_through": membership.paid_through, "next_bill": membership.next_bill_on, "warning": warning or None,
    }  # fmt: skip


def _billed(found: dict[str, Any]) -> str:
    term = f"the term from {found['start']} until before {found['end']}"
    if found["invoice"] is not None:
        return (
            f"{term} is billed, {found['amount']} {found['currency']}, invoice {found['invoice']},"
            f" due {found['due']}; {found['balance']} of it is open."
        )
    if found["start"] is not None:
        return f"{term} counts as paid; nothing is billed."
    if found["next_bill"] is not None:
        return f"nothing is billed before {found['next_bill']}."
    return "nothing is billed."


@app.command()
def pay(
    who: Who,
    means: Annotated[str, typer.Option(help="check, cash, transfer or terminal.")],
    amount_: Annotated[
        str, typer.Option("--amount", help="What came; without it, the oldest unpaid cycle was paid in full.")
    ] = "",
    invoice: Annotated[str, typer.Option(help="The invoice it pays; else what is owed, oldest first.")] = "",
    received_on: Annotated[
        str, typer.Option(help="The day the money came; today without it.", metavar="DATE")
    ] = "",
    currency: Annotated[str, typer.Option(help="Another currency than the organization's.")] = "",
    payer: Annotated[
        str,
        typer.Option(help="Who paid it for them: the receipt is theirs. Needs --amount.", metavar="MEMBER"),
    ] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Record money that a member paid outside: check, cash, transfer, an external terminal."""
    from paidthru.actions.mark_cycle_paid import mark_cycle_paid
    from paidthru.actions.record_payment import checked_means, record_payment
    from paidthru.invoicing.queries import invoice_called, owed_by
    from paidthru.payments.models import Payment
    from paidthru.payments.queries import credit_of

    at = desk(slug)
    party = member(at, who)
    if not amount_ and not invoice and not received_on and not payer:
        marked = mark_cycle_paid(
            at.organization, party.id, reason=checked_means(means), actor=me(), now=at.clock.now()
        )
        assert marked.payment_id is not None  # money came
        payment = Payment.objects.get(id=marked.payment_id)
    else:
        named = invoice_called(at.organization.id, invoice) if invoice else None
        if invoice and named is None:
            raise Refused("invoice_unknown", f"There is no invoice {invoice}.", field="invoice", value=invoice,
                          fix="Leave out --invoice to pay what is owed, oldest first.")  # fmt: skip
        if not amount_ and named is None:
            raise Refused("amount_missing", "It isn't said how much came.", field="amount",
                          fix="Give it with --amount.")  # fmt: skip
        in_ = currency.upper() or (named.currency if named else at.organization.currency)
        payment = record_payment(
            at.organization,
            party.id,
            amount_minor=price(amount_, in_, "amount") if amount_ or named is None else named.balance_minor,
            currency=in_,
            means=means,
            actor=me(),
            now=at.clock.now(),
            received_on=day(received_on, "received_on") if received_on else None,
            invoice_ids=[named.id] if named else None,
            payer_id=member(at, payer).id if payer else None,
        )
    in_ = payment.currency
    owed, credit = owed_by(party.id).get(in_, 0), credit_of(party.id).get(in_, 0)
    if as_json:
        say_json({"payment": payment.number, "member": party.name, "amount": plain(payment.amount_minor, in_),
                  "currency": in_, "means": means, "owed": plain(owed, in_), "credit": plain(credit, in_)})  # fmt: skip
    else:
        say(
            f"Payment {payment.number}: {amount(payment.amount_minor, in_)} {in_} from {party.name} ({means})."
            f" Still owed: {amount(owed, in_)}; credit: {amount(credit, in_)}."
        )
