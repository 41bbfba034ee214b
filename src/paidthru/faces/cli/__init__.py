"""The command line: every command parses, calls one action, run or query, and prints what came of it.

Refusals are raised and said by the program (config/main.py): exit code 1; what cannot be parsed is 2. Django is set up
only when a command runs, so these files import what needs it inside their functions.
"""

from typing import Annotated

import typer

from paidthru import __version__
from paidthru.faces.cli import (
    audit,
    book_exports,
    books,
    calendar,
    cases,
    changing,
    discounts,
    ending,
    enrolment,
    examples,
    failures,
    gateway,
    gift_aid,
    gifts,
    giving,
    homes,
    households,
    invoices,
    joining,
    members,
    money,
    organizations,
    plans,
    pledges,
    policies,
    rates,
    refunds,
    rehearsals,
    renewals,
    restoring,
    settings,
    taxes,
    tickets,
    working,
)

app = typer.Typer(
    name="paidthru",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"paidthru {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which Paidthru it is."),
    ] = False,
) -> None:
    """Self-hosted billing for organizations that live on memberships. Start with: paidthru demo"""


app.add_typer(organizations.org, name="org", help="Make and list organizations.")
app.add_typer(organizations.staff, name="staff", help="The people who work in the console.")
app.add_typer(organizations.clock, name="time", help="A sandbox's own clock.")
app.add_typer(discounts.app, name="discount", help="What comes off prices, for whom and how long.")
app.add_typer(homes.unit, name="unit", help="Homes: who owns them, what they owe again and again.")
app.command()(homes.levy)
app.add_typer(giving.campaign, name="campaign", help="What is raised for, and how far it is.")
app.command()(giving.donate)
app.add_typer(tickets.app, name="event", help="What one buys a ticket for, and who is in.")
app.add_typer(gifts.app, name="gift", help="What is given again and again: list, pause, resume, stop.")
app.add_typer(
    gift_aid.app, name="gift-aid", help="What charities in the United Kingdom claim back on donations."
)
app.add_typer(pledges.pledge, name="pledge", help="What is promised in instalments, and how far it is.")
app.add_typer(
    pledges.receipt, name="receipt", help="Tax receipts of what was given: list, void, replace, PDF."
)
app.add_typer(households.app, name="household", help="Households and companies: who belongs, who is covered.")
app.add_typer(taxes.app, name="tax", help="Taxes that lines bear, and their rates.")
app.add_typer(rates.app, name="rate", help="What other currencies are worth, for reports.")
app.add_typer(plans.app, name="plan", help="What a member can belong to, and its price.")
app.add_typer(joining.link, name="link", help="Addresses at which anybody can join a plan.")
app.add_typer(joining.contact, name="contact", help="Who is mailed whenever somebody buys something.")
app.add_typer(settings.fee, name="fee", help="Further items that are billed with a plan.")
app.add_typer(settings.prorate, name="prorate", help="Tables for those who join during a term.")
app.add_typer(settings.cycle, name="cycle", help="Which customer types a renewal run bills.")
app.add_typer(policies.app, name="policy", help="What the organization decides.")
app.add_typer(examples.app, name="example", help="What is expected of the policies, told before they change.")
enrolment.app.command()(ending.cancel)
enrolment.app.command()(ending.undo)
enrolment.app.command()(changing.switch)
enrolment.app.command()(changing.renewal_date)
enrolment.app.command()(changing.set_active)
enrolment.app.command()(changing.mark_paid)
enrolment.app.command()(changing.resolve)
enrolment.app.command()(changing.set_dates)
app.add_typer(enrolment.app, name="member", help="Somebody joins, pays outside, changes, or cancels.")
app.add_typer(members.app, name="import", help="Bring members in from a file.")
app.add_typer(renewals.app, name="renewals", help="Renewal runs: preview, commit, log, review.")
app.add_typer(gateway.gateway, name="gateway", help="The organization's account at a payment processor.")
app.add_typer(failures.app, name="failures", help="What is unpaid, and what comes next.")
app.add_typer(
    cases.app, name="case", help="What is decided about something unpaid: pause, skip, arrange, close."
)
app.add_typer(money.payment, name="payment", help="Money for several invoices; taken off them again.")
app.add_typer(money.credit, name="credit", help="A member's credit, used by hand.")
app.command()(money.unpaid)
app.add_typer(refunds.app, name="refund", help="Give money back: ask, approve, record.")
app.add_typer(invoices.app, name="invoice", help="Invoices: list, write, send, credit, as PDF.")
app.add_typer(books.batch, name="batch", help="Batches of journals: list them, post them.")
app.add_typer(book_exports.app, name="books", help="Exports to other programs, and closed periods.")
app.add_typer(books.ledger, name="ledger", help="What the books say.")
for command in (working.submit, working.retrieve, working.check):
    app.command()(command)
app.add_typer(rehearsals.app, name="rehearsal", help="The next months, played in a copy.")
app.add_typer(audit.app, name="audit", help="All that happened, and the chain that proves it.")
app.command()(calendar.status)
app.command()(calendar.catch_up)
app.command()(calendar.automatic)
app.command()(restoring.sweep)
app.command()(restoring.freeze)
app.command()(restoring.replay)
app.command()(restoring.unfreeze)
